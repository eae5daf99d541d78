import { withQuery } from '../page/address-of.ts'
import { To } from './to.tsx'

/** Leads to the next page of a list, and back to the first. Addresses stay links: they can be sent and opened in a new tab. */
export function Pager({
  path,
  query,
  next,
}: {
  path: string
  query: Readonly<Record<string, string>>
  next: string | null
}) {
  const { cursor, ...rest } = query
  if (cursor === undefined && next === null) return null
  return (
    <nav class="pager" aria-label="More of the list">
      {cursor !== undefined && (
        <To href={withQuery(path, rest)} class="button">
          First page
        </To>
      )}
      {next !== null && (
        <To href={withQuery(path, { ...rest, cursor: next })} class="button">
          Next page
        </To>
      )}
    </nav>
  )
}
