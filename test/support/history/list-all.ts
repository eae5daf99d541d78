/** All items of a list of the API, page by page. @throws Error where a page is not answered with one. */
export async function listAll<Item>(url: string): Promise<Item[]> {
  const items: Item[] = []
  for (let next: string | null = ''; next !== null;) {
    const cursor = next === '' ? '' : `&cursor=${encodeURIComponent(next)}`
    const answer = await fetch(`${url}?limit=1000${cursor}`)
    if (answer.status !== 200) throw new Error(`${url} was answered ${answer.status}`)
    const page = (await answer.json()) as { items: Item[]; next: string | null }
    items.push(...page.items)
    next = page.next
  }
  return items
}
