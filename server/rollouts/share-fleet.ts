import { FleetTransactions, type FleetTransactionsDependencies } from './fleet-transactions.ts'
import type { AnswerPolls } from './poll-answer.ts'
import { PollSelection, type PollSelectionDependencies } from './poll-selection.ts'
import { SharedFleet, type SharedFleetDependencies } from './shared-fleet.ts'
import { SharedPollSelection } from './shared-poll-selection.ts'

/** What is needed to answer polls where other servers do, too. */
export type ShareFleetDependencies = Omit<PollSelectionDependencies, 'keep'> &
  FleetTransactionsDependencies &
  Omit<SharedFleetDependencies, 'transactions'>

/** What answers polls, and keeps what is known of bots together, where several servers do. */
export interface SharingFleet {
  readonly fleet: SharedFleet
  readonly polls: AnswerPolls
}

/** Puts together what answers polls where several servers do. */
export function shareFleet(dependencies: ShareFleetDependencies): SharingFleet {
  const { areRolloutsUnknown = () => false, onFailure } = dependencies
  const transactions = new FleetTransactions(dependencies)
  const polls = new PollSelection({
    ...dependencies,
    keep: (model, take) => {
      transactions.takeIn(model, take).catch(onFailure)
    },
  })
  const sharedPolls = new SharedPollSelection({
    polls,
    transactions,
    onFailure,
    tracker: dependencies.tracker,
    isStale: areRolloutsUnknown,
  })
  return { fleet: new SharedFleet({ ...dependencies, transactions }), polls: sharedPolls }
}
