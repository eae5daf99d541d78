import type { FoundItem } from './intake-source.ts'

/**
 * The order in which what arrived is published, so that `latest` ends where `rasa run --model models/` would: by
 * modification time. Where several of one model have the same, as after a COPY of a container image, the
 * time of training decides; then the name.
 *
 * @param readTrainedAt When an item was trained, as sortable text; undefined where it does not say. Asked
 *   only where it matters, since it reads the whole item.
 */
export async function inArrivalOrder<Item extends FoundItem>(
  items: readonly Item[],
  readTrainedAt: (item: Item) => Promise<string | undefined>,
): Promise<Item[]> {
  const groups = Map.groupBy(items, ({ model, modifiedAt }) => `${model} ${modifiedAt}`)
  const trainedAt = new Map<Item, string>()
  for (const tied of groups.values()) {
    if (tied.length === 1) continue
    for (const item of tied) trainedAt.set(item, (await readTrainedAt(item)) ?? '')
  }
  return items.toSorted(
    (one, other) =>
      one.modifiedAt - other.modifiedAt ||
      compare(trainedAt.get(one) ?? '', trainedAt.get(other) ?? '') ||
      compare(one.path, other.path),
  )
}

/** An item that was published, with what is needed to judge the order. */
export interface Arrival {
  path: string
  trainedAt: string | undefined
}

/**
 * Whether modification times may have misled: the arrival that was trained last, where it is not the one
 * that was published last.
 *
 * @param arrivals Of one model, in the order of publishing.
 */
export function trainedLater(arrivals: readonly Arrival[]): { last: Arrival; newest: Arrival } | undefined {
  const last = arrivals.at(-1)
  if (last?.trainedAt === undefined) return undefined
  let newest = last
  for (const arrival of arrivals) {
    if ((arrival.trainedAt ?? '') > (newest.trainedAt ?? '')) newest = arrival
  }
  return newest === last ? undefined : { last, newest }
}

function compare(one: string, other: string): number {
  return one < other ? -1 : Number(one > other)
}
