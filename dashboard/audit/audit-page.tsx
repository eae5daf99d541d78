import type { AuditEntry, AuditHead } from '../../protocol/audit.ts'
import { auditActionInWords, auditChangeInWords } from '../../protocol/audit-words.ts'
import { withQuery, addressOf } from '../page/address-of.ts'
import type { Page } from '../page/page.ts'
import { Columns } from '../parts/columns.tsx'
import { Copy } from '../parts/copy.tsx'
import { Sentence } from '../parts/sentence.tsx'
import { Time } from '../parts/time.tsx'
import { To } from '../parts/to.tsx'

/** So many entries stand on one page. */
const ENTRIES = 50

interface AuditData {
  /** The last first. */
  readonly entries: readonly AuditEntry[]
  readonly head: AuditHead
}

/** Who changed what, the last first, and which changes were refused. */
export const auditPage: Page<AuditData> = {
  path: 'dashboard/audit',
  menu: 'audit',
  title: () => 'Audit',
  async load(api, { query }) {
    const { head } = await api.get<{ head: AuditHead }>('api/v1/audit?limit=1')
    const last = Math.min(Number(query['until'] ?? head.sequence) || head.sequence, head.sequence)
    const after = Math.max(0, last - ENTRIES)
    const page = await api.get<{ items: AuditEntry[] }>(
      withQuery('api/v1/audit', { after: String(after), limit: String(Math.max(1, last - after)) }),
    )
    return { entries: page.items.toReversed(), head }
  },
  view({ entries, head }) {
    const oldest = entries.at(-1)?.sequence ?? 0
    return (
      <>
        <h1>Audit</h1>
        {entries.length === 0 ? (
          <p class="faint">Nothing was changed yet: every change stands here, with who made it.</p>
        ) : (
          <table class="rows">
            <Columns of={['When', 'Who', 'What', 'Where', 'Before → after']} />
            <tbody>
              {entries.map((entry) => (
                <AuditRow key={entry.sequence} entry={entry} />
              ))}
            </tbody>
          </table>
        )}
        <nav class="pager" aria-label="More of the audit">
          {(entries[0]?.sequence ?? 0) < head.sequence && (
            <To href={addressOf.audit()} class="button">
              The last ones
            </To>
          )}
          {oldest > 1 && (
            <To href={withQuery(addressOf.audit(), { until: String(oldest - 1) })} class="button">
              Earlier ones
            </To>
          )}
        </nav>
        <p class="faint">Each entry has the hash of the one before. Whether that still holds is said by:</p>
        <Copy label="check the audit" text="slipway audit verify" />
      </>
    )
  },
}

function AuditRow({ entry }: { entry: AuditEntry }) {
  const { sequence, at, actor, subject, address, action, model, tag } = entry
  return (
    <tr>
      <th scope="row">
        <Time at={at} /> <span class="note">{sequence}</span>
      </th>
      <td data-label="Who" class="name">
        {actor}
        {subject !== null && <div class="faint">{subject}</div>}
        {address !== null && <div class="faint">{address}</div>}
      </td>
      <td data-label="What" title={action}>
        {auditActionInWords(entry)}
      </td>
      <td data-label="Where" class="name">
        {model !== null && (
          <To href={tag === null ? addressOf.model(model) : addressOf.tag(model, tag)}>
            {tag === null ? model : `${model}@${tag}`}
          </To>
        )}
      </td>
      <td data-label="Before → after">
        <Sentence text={auditChangeInWords(entry)} />
      </td>
    </tr>
  )
}
