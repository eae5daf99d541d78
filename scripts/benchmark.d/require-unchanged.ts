import { request } from 'node:http'

/**
 * Polls once with `tag`, by `node:http`: a fetch would add `Cache-Control: no-cache`, which Express takes for a wish to have
 * it all.
 * @throws Error unless the answer is 304: a full one would be measured unnoticed
 */
export async function requireUnchanged(
  url: string,
  tag: string,
  more: Record<string, string> = {},
): Promise<void> {
  const status = await new Promise((resolve, reject) => {
    const poll = request(url, { agent: false, headers: { 'If-None-Match': tag, ...more } }, (answer) => {
      resolve(answer.statusCode)
      answer.destroy()
    })
    poll.once('error', reject).end()
  })
  if (status !== 304)
    throw new Error(`${url} answers a poll that carries ${tag} with ${String(status)}, not 304`)
}
