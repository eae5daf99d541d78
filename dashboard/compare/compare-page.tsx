import type { ReleaseDiff } from '../../protocol/release-diff.ts'
import { at } from '../api/api.ts'
import { CompareForm } from '../models/compare-form.tsx'
import { addressOf } from '../page/address-of.ts'
import type { Page } from '../page/page.ts'
import { Columns } from '../parts/columns.tsx'
import { Empty } from '../parts/empty.tsx'
import { To } from '../parts/to.tsx'
import { count, grouped } from '../text/count.ts'
import { readableSize } from '../../protocol/readable-size.ts'
import { changedLists, sayCompared } from './changed-lists.ts'

/** What differs between two releases of a model. */
export const comparePage: Page<ReleaseDiff> = {
  path: 'dashboard/models/:model/compare',
  menu: 'models',
  title: ({ model, from, to }) => `${model} ${from} and ${to}`,
  load: (api, { params: { model = '' }, query: { from = '', to = '' } }) =>
    api.get(`${at.release(model, Number(from))}/diff/${Number(to)}`),
  view(diff) {
    const { model, from, to, isSame, values, warnings } = diff
    const lists = changedLists(diff)
    const isAlike = lists.length === 0 && Object.keys(values).length === 0
    return (
      <>
        <h1>
          <To href={addressOf.model(model)}>{model}</To>: release{' '}
          <To href={addressOf.release(model, from)}>{from}</To> →{' '}
          <To href={addressOf.release(model, to)}>{to}</To>
        </h1>
        <CompareForm model={model} from={from} to={to} />
        {(isSame || isAlike) && (
          <Empty title={isSame ? 'They are the same bytes' : 'Nothing that inspection sees differs'}>
            <p class="faint">
              {isSame
                ? 'One archive that was published twice.'
                : 'The weights may: training the same data again gives another archive.'}
            </p>
          </Empty>
        )}
        {Object.keys(values).length > 0 && (
          <table class="rows values">
            <Columns of={['Value', `Release ${from}`, `Release ${to}`]} />
            <tbody>
              {Object.entries(values).map(([name, value]) => (
                <tr key={name}>
                  <th scope="row">{NAMES[name] ?? name}</th>
                  {[value.from, value.to].map((side, index) => (
                    <td key={index} data-label={`Release ${index === 0 ? from : to}`}>
                      {shown(name, side, value)}
                    </td>
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
        )}
        {lists.map(({ name, difference }) => (
          <section key={name} aria-labelledby={`list-${name}`} class="difference">
            <h2 id={`list-${name}`}>
              {name}{' '}
              <span class="faint">
                {difference.from ?? '?'} → {difference.to ?? '?'}
              </span>
            </h2>
            <Names sign="+" kind="added" names={difference.added} />
            <Names sign="−" kind="removed" names={difference.removed} />
            <Names sign="~" kind="changed" names={difference.changed ?? []} />
            {difference.isReordered && <p>Those in both come in another order.</p>}
            {sayCompared(difference) !== '' && <p class="faint">{sayCompared(difference)}</p>}
          </section>
        ))}
        {(['added', 'removed'] as const).map((kind) =>
          warnings[kind].map(({ code, message }) => (
            <p key={kind + code + message} class="warning">
              {kind === 'added' ? `New in ${to}` : `No more in ${to}`}: {message}
            </p>
          )),
        )}
      </>
    )
  },
  concerns: () => false,
}

function Names({ sign, kind, names }: { sign: string; kind: string; names: readonly string[] }) {
  if (names.length === 0) return null
  return (
    <ul class={`signed ${kind}`} aria-label={kind}>
      {names.map((name, index) => (
        <li key={index}>
          <span aria-hidden="true">{sign}</span> <code>{name}</code>
        </li>
      ))}
    </ul>
  )
}

const NAMES: Readonly<Record<string, string>> = {
  rasaVersion: 'Rasa',
  language: 'Language',
  format: 'Format',
  trainingType: 'What was trained',
  assistantId: 'assistant_id',
  size: 'Size',
  unpackedSize: 'Unpacked',
  members: 'Files and folders',
}

type Difference = ReleaseDiff['values'][string]

/** One side of a difference. Sizes that would look the same are told to the byte. */
function shown(name: string, value: string | number | null, { from, to }: Difference): string {
  if (value === null) return 'none'
  if (typeof value === 'string') return value
  if (!name.endsWith('ize')) return grouped(value)
  const isTold = typeof from !== 'number' || typeof to !== 'number' || readableSize(from) !== readableSize(to)
  return isTold ? readableSize(value) : count(value, 'byte')
}
