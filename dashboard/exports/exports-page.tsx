import type { Export } from '../../protocol/export.ts'
import type { Page as List } from '../../protocol/page.ts'
import { addressOf } from '../page/address-of.ts'
import type { Page } from '../page/page.ts'
import { Columns } from '../parts/columns.tsx'
import { Empty } from '../parts/empty.tsx'
import { Time } from '../parts/time.tsx'
import { To } from '../parts/to.tsx'
import { exportInWords } from './export-in-words.ts'

/** The copies of tags in a bucket, for whoever reads from there. */
export const exportsPage: Page<List<Export>> = {
  path: 'dashboard/exports',
  menu: 'models',
  title: () => 'Exports',
  load: (api) => api.get('api/v1/exports'),
  view({ items }) {
    return (
      <>
        <h1>Exports</h1>
        {items.length === 0 ? (
          <Empty title="Nothing is exported">
            <p>
              With <code>SLIPWAY_EXPORT</code> the server keeps a copy of each tag's archive in a bucket under
              a fixed name, for bots that read from there.
            </p>
          </Empty>
        ) : (
          <table class="rows">
            <Columns of={['Tag', 'Object', 'State', 'Put there last']} />
            <tbody>
              {items.map((each) => (
                <tr key={`${each.model}@${each.tag}`}>
                  <th scope="row">
                    <To href={addressOf.tag(each.model, each.tag)}>
                      {each.model}@{each.tag}
                    </To>
                  </th>
                  <td data-label="Object">
                    <code>{each.name}</code>
                  </td>
                  <td data-label="State" class={each.state === 'failed' ? 'bad' : undefined}>
                    {exportInWords(each)}
                  </td>
                  <td data-label="Put there last">
                    {each.exportedAt === null ? (
                      <span class="faint">never</span>
                    ) : (
                      <Time at={each.exportedAt} />
                    )}
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        )}
      </>
    )
  },
}
