import type { BotState } from '../../protocol/bot-states.ts'
import { keyOf } from './key-of.ts'
import type { ProcessRecord } from './process-record.ts'
import { processState } from './process-state.ts'
import { SortedKeys } from './sorted-keys.ts'

/** What is in one state, by key, in order. */
interface InState {
  readonly processes: SortedKeys
  /** Bots of which any process is in that state, with how many are. */
  readonly bots: SortedKeys
  readonly counts: Map<string, number>
}

/**
 * Which processes are in each state but `running`, which most are in: to find the few that fail takes no look at the whole fleet.
 */
export class FleetStates {
  readonly #states = new Map<BotState, InState>()

  /** Takes in how a process of a bot was, and is now; undefined: it was not, or is not, known. */
  note(
    { model, bot }: { readonly model: string; readonly bot: string },
    before: ProcessRecord | undefined,
    after: ProcessRecord | undefined,
  ): void {
    const [was, is] = [before && processState(before), after && processState(after)]
    if (was === is) return
    const key = keyOf(model, bot)
    if (before !== undefined && was !== undefined) this.#remove(was, key, keyOf(model, before.process))
    if (after !== undefined && is !== undefined) this.#add(is, key, keyOf(model, after.process))
  }

  /** The processes in a state, by key; undefined where they are not noted, as there are too many. */
  processesIn(state: BotState): SortedKeys | undefined {
    return state === 'running' ? undefined : this.#in(state).processes
  }

  /** Bots of which a process is in a state, as {@link processesIn}: each that is in that state itself, and others. */
  botsIn(state: BotState): SortedKeys | undefined {
    return state === 'running' ? undefined : this.#in(state).bots
  }

  #add(state: BotState, bot: string, process: string): void {
    if (state === 'running') return
    const { processes, bots, counts } = this.#in(state)
    processes.add(process)
    const count = counts.get(bot) ?? 0
    if (count === 0) bots.add(bot)
    counts.set(bot, count + 1)
  }

  #remove(state: BotState, bot: string, process: string): void {
    if (state === 'running') return
    const { processes, bots, counts } = this.#in(state)
    processes.remove(process)
    const count = counts.get(bot) ?? 0
    if (count > 1) counts.set(bot, count - 1)
    else if (counts.delete(bot)) bots.remove(bot)
  }

  #in(state: BotState): InState {
    let found = this.#states.get(state)
    if (found === undefined) {
      found = { processes: new SortedKeys(), bots: new SortedKeys(), counts: new Map() }
      this.#states.set(state, found)
    }
    return found
  }
}
