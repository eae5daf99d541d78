import { setImmediate as nextTurn } from 'node:timers/promises'
import type { z } from 'zod'
import type { pageQuerySchema } from '../../../protocol/page.ts'
import type { Page } from '../../../protocol/page.ts'
import { RequestError } from '../reply/request-error.ts'

/** A page and the header that links to the next (RFC 8288). */
export interface PageReply<Item> {
  status: 200
  body: Page<Item>
  headers: Record<string, string>
}

/** Items that are read and shown before polls have their turn: 100 releases with notes of 4 kB take some 10 ms. */
const AT_ONCE = 50

/** A page ends with the item that reaches it: whoever lists follows `next`, and nobody waits for megabytes of notes. */
const MAX_PAGE_BYTES = 256 * 1024

/**
 * Answers with one page of a list. It may have fewer items than were asked for, where they are large; it is the last
 * where `next` is null, and only there.
 *
 * @param query What was asked: how many, the cursor of the page before, and what else narrows the list; the link to the
 *   next page has it too.
 * @param read Reads `limit` items after a position.
 * @param positionOf Where an item stands in the list; the cursor is made of it and means nothing to others.
 */
export async function replyWithPage<Item, Shown, Position extends string | number | object>(
  path: string,
  query: z.infer<typeof pageQuerySchema>,
  position: z.ZodType<Position>,
  read: (page: { limit: number; cursor?: Position }) => Item[] | Promise<Item[]>,
  positionOf: (item: Item) => Position,
  show: (item: Item) => Shown | Promise<Shown>,
): Promise<PageReply<Shown>> {
  const items: Shown[] = []
  let cursor = query.cursor === undefined ? undefined : readCursor(query.cursor, position)
  let bytes = 0
  let hasMore = true
  while (hasMore && items.length < query.limit && bytes < MAX_PAGE_BYTES) {
    if (items.length > 0) await nextTurn()
    const wanted = Math.min(AT_ONCE, query.limit - items.length)
    // One more than is wanted tells whether there is a next page.
    const found = await read({ limit: wanted + 1, ...(cursor === undefined ? {} : { cursor }) })
    hasMore = found.length > wanted
    for (const item of found.slice(0, wanted)) {
      if (bytes >= MAX_PAGE_BYTES) {
        hasMore = true
        break
      }
      const shown = await show(item)
      items.push(shown)
      bytes += JSON.stringify(shown).length
      cursor = positionOf(item)
    }
  }
  const next = hasMore && cursor !== undefined ? writeCursor(cursor) : null
  const headers: Record<string, string> = {}
  if (next !== null) headers['Link'] = `<${path}?${queryText({ ...query, cursor: next })}>; rel="next"`
  return { status: 200, body: { items, next }, headers }
}

function queryText(query: Readonly<Record<string, unknown>>): string {
  const given = Object.entries(query).filter(([, value]) => value !== undefined)
  return new URLSearchParams(given.map(([name, value]): [string, string] => [name, String(value)])).toString()
}

function writeCursor(position: string | number | object): string {
  return Buffer.from(JSON.stringify(position)).toString('base64url')
}

function readCursor<Position>(cursor: string, position: z.ZodType<Position>): Position {
  try {
    return position.parse(JSON.parse(Buffer.from(cursor, 'base64url').toString()))
  } catch (cause) {
    throw new RequestError('invalid-parameter', 'cursor: send `next` of the page before.', {}, { cause })
  }
}
