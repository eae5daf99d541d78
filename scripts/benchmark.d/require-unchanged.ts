/** @throws Error unless the server answers a poll that carries `tag` with 304: a full answer would be measured unnoticed. */
export async function requireUnchanged(url: string, tag: string): Promise<void> {
  const answer = await fetch(url, { headers: { 'If-None-Match': tag } })
  await answer.body?.cancel()
  if (answer.status !== 304)
    throw new Error(`${url} answers a poll that carries ${tag} with ${answer.status}, not 304`)
}
