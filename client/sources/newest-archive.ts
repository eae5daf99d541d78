/** What Rasa's `*.tar.gz` glob takes: hidden files are not seen (Rasa 3.6 model.py, `get_latest_model`). */
export function isArchiveName(name: string): boolean {
  return name.endsWith('.tar.gz') && !name.startsWith('.')
}

/** The newest by time; where times are the same, the last by name, so that every look gives the same answer. */
export function newest<Item extends { name: string; modifiedAt: number }>(items: Item[]): Item | undefined {
  return items.reduce<Item | undefined>((best, item) => {
    if (best === undefined || item.modifiedAt > best.modifiedAt) return item
    return item.modifiedAt === best.modifiedAt && item.name > best.name ? item : best
  }, undefined)
}
