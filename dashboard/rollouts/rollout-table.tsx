import type { RolloutSummary } from '../../protocol/rollout.ts'
import { addressOf } from '../page/address-of.ts'
import { Columns } from '../parts/columns.tsx'
import { Sentence } from '../parts/sentence.tsx'
import { Time } from '../parts/time.tsx'
import { To } from '../parts/to.tsx'
import { stateSentence } from './rollout-sentence.ts'

/** Rollouts, the last begun first, with what became of them. */
export function RolloutTable({ rollouts }: { rollouts: readonly RolloutSummary[] }) {
  if (rollouts.length === 0) return <p class="faint">None yet: every promotion starts one.</p>
  return (
    <table class="rows">
      <Columns of={['Rollout', 'State', 'Bots', 'Begun', 'Why']} />
      <tbody>
        {rollouts.map((rollout) => (
          <tr key={rollout.id}>
            <th scope="row">
              <To href={addressOf.rollout(rollout.model, rollout.id)}>
                {rollout.model}@{rollout.tag}: {rollout.from ?? 'new'} → {rollout.to}
              </To>
            </th>
            <td data-label="State">{stateSentence(rollout)}</td>
            <td data-label="Bots">
              {rollout.counts.bots === 0 ? (
                <span class="faint">none</span>
              ) : (
                `${rollout.counts.updated} of ${rollout.counts.bots} run it`
              )}
            </td>
            <td data-label="Begun" class="name">
              <Time at={rollout.startedAt} /> by {rollout.startedBy}
            </td>
            <td data-label="Why">{rollout.reason !== null && <Sentence text={rollout.reason} />}</td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}
