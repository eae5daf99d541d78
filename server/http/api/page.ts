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

/**
 * Answers with one page of a list.
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
  const cursor = query.cursor === undefined ? undefined : readCursor(query.cursor, position)
  // One more than asked for tells whether there is a next page.
  const found = await read({ limit: query.limit + 1, ...(cursor === undefined ? {} : { cursor }) })
  const items = found.slice(0, query.limit)
  const last = items.at(-1)
  const next = found.length > items.length && last !== undefined ? writeCursor(positionOf(last)) : null
  const headers: Record<string, string> = {}
  if (next !== null) headers['Link'] = `<${path}?${queryText({ ...query, cursor: next })}>; rel="next"`
  return { status: 200, body: { items: await Promise.all(items.map(show)), next }, headers }
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
    throw new RequestError(
      'invalid-parameter',
      'query.cursor: send `next` of the page before.',
      {},
      { cause },
    )
  }
}
