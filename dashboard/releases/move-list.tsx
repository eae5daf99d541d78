import type { TagMove } from '../../protocol/tag.ts'
import { addressOf } from '../page/address-of.ts'
import { Columns } from '../parts/columns.tsx'
import { Sentence } from '../parts/sentence.tsx'
import { Time } from '../parts/time.tsx'
import { To } from '../parts/to.tsx'

/** Moves of tags, the last first: from where to where, by whom, and why. */
export function MoveList({ moves, empty }: { moves: readonly TagMove[]; empty: string }) {
  if (moves.length === 0) return <p class="faint">{empty}</p>
  return (
    <table class="rows">
      <Columns of={['When', 'Tag', 'Move', 'By', 'Why']} />
      <tbody>
        {moves.map(({ model, tag, from, to, movedAt, movedBy, reason }, index) => (
          <tr key={index}>
            <td data-label="When">
              <Time at={movedAt} />
            </td>
            <td data-label="Tag" class="name">
              <To href={addressOf.tag(model, tag)}>{tag}</To>
            </td>
            <td data-label="Move">
              {from ?? 'new'} → {to === null ? 'deleted' : <To href={addressOf.release(model, to)}>{to}</To>}
            </td>
            <td data-label="By" class="name">
              {movedBy}
            </td>
            <td data-label="Why">{reason !== null && <Sentence text={reason} />}</td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}
