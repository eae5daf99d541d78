/** No description or list of keys is longer. */
const LONGEST_BYTES = 256 * 1024

/** An issuer that says nothing for so long counts as unavailable, in milliseconds. */
const TIME_LIMIT = 5_000

/**
 * Fetches JSON from an issuer. Redirects are not followed: what is trusted is this address.
 *
 * @throws Error whose message says what is wrong with the answer.
 */
export async function readJson(address: string): Promise<unknown> {
  const response = await fetch(address, {
    headers: { accept: 'application/json' },
    redirect: 'manual',
    signal: AbortSignal.timeout(TIME_LIMIT),
  })
  if (response.status !== 200) {
    await response.body?.cancel()
    throw new Error(`${address} answered ${response.status}`)
  }
  return JSON.parse(await readText(response, address)) as unknown
}

async function readText({ body }: Response, address: string): Promise<string> {
  const parts: Uint8Array[] = []
  let size = 0
  for await (const part of (body ?? []) as AsyncIterable<Uint8Array>) {
    size += part.length
    if (size > LONGEST_BYTES) throw new Error(`${address} answered more than ${LONGEST_BYTES} bytes`)
    parts.push(part)
  }
  return Buffer.concat(parts).toString()
}
