/** What is published, and what else happens with it. */
export interface Publishing {
  readonly model: string
  /** Empty: it is promoted nowhere. */
  readonly tag: string
  readonly notes: string
  readonly filename: string
}

/** Where an archive is sent, below the server's root. */
export function publishAddress({ model, tag, notes, filename }: Publishing): string {
  const query = new URLSearchParams({ filename })
  if (tag !== '') query.set('tag', tag)
  if (notes.trim() !== '') query.set('notes', notes)
  return `models/${encodeURIComponent(model)}?${query.toString()}`
}
