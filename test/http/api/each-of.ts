/** One field of each item of a list that was answered. */
export function eachOf(body: { items: Record<string, unknown>[] }, field: string): unknown[] {
  return body.items.map((item) => item[field])
}
