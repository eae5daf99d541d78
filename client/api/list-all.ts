import type { z } from 'zod'
import type { Page } from '../../protocol/page.ts'
import type { ApiClient } from './api-client.ts'

/**
 * Follows a list from page to page, in its order, until its end or until `most` items are there.
 *
 * @param query Sent with each page.
 */
export async function listAll<Item>(
  client: ApiClient,
  path: string,
  page: z.ZodType<Page<Item>>,
  most = Infinity,
  query: Readonly<Record<string, string | undefined>> = {},
): Promise<Item[]> {
  const items: Item[] = []
  let cursor: string | undefined
  do {
    const limit = Math.min(most - items.length, 1000).toString()
    const found = await client.call({ method: 'GET', path, query: { ...query, limit, cursor } }, page)
    items.push(...found.items)
    cursor = found.next ?? undefined
  } while (cursor !== undefined && items.length < most)
  return items
}
