import { z } from 'zod'

/** How many items a page has at most. */
export const pageLimit = z.coerce.number().int().min(1).max(1000).default(100)

/** How a list is asked for. */
export const pageQuerySchema = z.object({
  limit: pageLimit.meta({
    description: 'How many items at most; a page of large ones has fewer, and goes on at `next`.',
    example: 100,
  }),
  cursor: z
    .string()
    .min(1)
    // The name of a bot, 128 characters of up to four bytes, with that of its model.
    .max(1000)
    .optional()
    .meta({ description: 'Where to go on: `next` of the page before.', example: 'NDI' }),
})

/** A page of a list. @param order In which order, in words. */
export function pageSchema<Item extends z.ZodType>(id: string, item: Item, order = 'newest first') {
  return z
    .object({
      items: z.array(item).meta({ description: `The items, ${order}.` }),
      next: z
        .string()
        .nullable()
        .meta({ description: 'The cursor of the next page; null on the last.', example: null }),
    })
    .meta({ id, description: 'One page of a list.' })
}

/** One page, whatever it lists. */
export interface Page<Item> {
  items: Item[]
  next: string | null
}
