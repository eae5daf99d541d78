import type { Overview } from '../../protocol/overview.ts'
import { ActionButtons } from '../parts/action-button.tsx'
import { Copy } from '../parts/copy.tsx'
import { Sentence } from '../parts/sentence.tsx'
import { Time } from '../parts/time.tsx'
import { To } from '../parts/to.tsx'
import { count } from '../text/count.ts'
import type { Attention } from './attention.ts'

/** What needs a hand, each with its sentence and what helps; or that nothing does. */
export function AttentionList({ items, overview }: { items: readonly Attention[]; overview: Overview }) {
  const bots = overview.tags.reduce((sum, tag) => sum + tag.bots.all, 0)
  return (
    <section class="attention" aria-labelledby="attention-title" aria-live="polite">
      {items.length === 0 ? (
        <div class="calm">
          <h2 id="attention-title">
            {overview.moreTags === 0 ? 'Nothing needs a hand' : 'Nothing here needs a hand'}
          </h2>
          <p>
            {bots === 0
              ? 'No bot has polled yet'
              : `${count(bots, 'bot')} on ${count(overview.tags.length, 'tag')}`}
            , as of <Time at={overview.at} />.
            {overview.moreTags > 0 &&
              ` ${count(overview.moreTags, 'more tag')} of other models were not looked at.`}
          </p>
        </div>
      ) : (
        <>
          <h2 id="attention-title">
            {items.length === 1 ? 'One thing needs a hand' : `${items.length} things need a hand`}
          </h2>
          <ul>
            {items.map((item) => (
              <AttentionItem key={item.key} item={item} />
            ))}
          </ul>
        </>
      )}
    </section>
  )
}

function AttentionItem({ item }: { item: Attention }) {
  const { urgency, sentence, detail, actions, links, command } = item
  return (
    <li class={urgency}>
      <p class="sentence">
        <span class="urgency">{urgency === 'now' ? 'Now' : 'Soon'}</span> <Sentence text={sentence} />
      </p>
      {detail !== null && detail !== '' && (
        <p class="detail">
          <Sentence text={detail} />
        </p>
      )}
      {command !== null && <Copy label="command that helps" text={command} />}
      <div class="buttons">
        <ActionButtons actions={actions} />
        {links.map(({ label, href }) => (
          <To key={href} href={href} class="button">
            {label}
          </To>
        ))}
      </div>
    </li>
  )
}
