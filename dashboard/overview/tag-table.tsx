import type { Overview, TagOverview } from '../../protocol/overview.ts'
import { addressOf } from '../page/address-of.ts'
import { BotBar } from '../parts/bot-bar.tsx'
import { Columns } from '../parts/columns.tsx'
import { Time } from '../parts/time.tsx'
import { To } from '../parts/to.tsx'
import { count } from '../text/count.ts'
import { tagSentence } from './tag-sentence.ts'

/** One row for each tag: where it points, and how its bots are. */
export function TagTable({ overview }: { overview: Overview }) {
  const { tags, moreTags } = overview
  return (
    <section class="tags" aria-labelledby="tags-title">
      <h2 id="tags-title">Tags</h2>
      <TagRows tags={tags} />
      {moreTags > 0 && (
        <p>
          {count(moreTags, 'more tag')} of other models: <To href={addressOf.models()}>all models</To>.
        </p>
      )}
    </section>
  )
}

/** Tags, each in a row. */
export function TagRows({ tags }: { tags: readonly TagOverview[] }) {
  return (
    <table class="rows tag-rows">
      <Columns of={['Tag', 'Release', 'Bots', 'Moved']} />
      <tbody>
        {tags.map((tag) => (
          <TagRow key={`${tag.model}@${tag.tag}`} tag={tag} />
        ))}
      </tbody>
    </table>
  )
}

function TagRow({ tag }: { tag: TagOverview }) {
  const { model, release, movedBy, movedAt, rollout, isDefault } = tag
  return (
    <tr>
      <th scope="row">
        <To href={addressOf.tag(model, tag.tag)}>
          {model}
          <wbr />@{tag.tag}
        </To>{' '}
        {isDefault && <span class="note">default</span>}
      </th>
      <td data-label="Release">
        <To href={addressOf.release(model, release)} class="release">
          {release}
        </To>
        {rollout !== null && rollout.to !== release && (
          <>
            {rollout.state === 'reverting' ? ' ← ' : ' → '}
            <To href={addressOf.rollout(model, rollout.id)} class="release">
              {rollout.to}
            </To>
          </>
        )}
      </td>
      <td data-label="Bots">
        <BotBar bots={tag.bots} />
        <To href={addressOf.bots({ model, tag: tag.tag })} class="plain">
          {tagSentence(tag)}
        </To>
      </td>
      <td data-label="Moved">
        <Time at={movedAt} /> by {movedBy}
      </td>
    </tr>
  )
}
