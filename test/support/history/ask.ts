/** What a request came to, and when. Times are milliseconds of this process. */
export interface Answer {
  /** 0: no answer came. */
  readonly status: number
  readonly headers: Headers | undefined
  /** Of an answer in JSON. */
  readonly body: unknown
  /** Of any other. */
  readonly bytes: Buffer | undefined
  readonly asked: number
  readonly answered: number
}

/** Asks once, and waits at most so many milliseconds for the answer. Never rejects. */
export async function ask(url: string, init: RequestInit = {}, timeout = 5_000): Promise<Answer> {
  const asked = performance.now()
  const came = await fetch(url, { ...init, signal: AbortSignal.timeout(timeout) })
    .then(async (answer) => {
      const bytes = Buffer.from(await answer.arrayBuffer())
      const { status, headers } = answer
      const isJson = headers.get('content-type')?.includes('json') === true && bytes.byteLength > 0
      return isJson
        ? { status, headers, body: JSON.parse(bytes.toString()) as unknown, bytes: undefined }
        : { status, headers, body: undefined, bytes }
    })
    .catch(() => ({ status: 0, headers: undefined, body: undefined, bytes: undefined }))
  return { ...came, asked, answered: performance.now() }
}

/** Whether it is explained neither by a server that cannot reach what it needs nor by a connection that ended. */
export function isSurprise({ status }: Answer): boolean {
  return ![0, 502, 503, 504].includes(status)
}

/** Whether a server refused, and does not say that it does not know what became of a change. */
export function saysThatNothingChanged({ status, body }: Answer): boolean {
  if (status !== 503) return false
  const { code, outcome } = (body ?? {}) as { code?: string; outcome?: string }
  return code !== undefined && outcome !== 'unknown'
}

/** Whether a server told a bot in words to keep what it runs, and when to ask again: it could not look whether it knows the latest. */
export function isDeferred({ status, headers, body }: Answer): boolean {
  const { code } = (body ?? {}) as { code?: string }
  const isInWords = code === 'catalog-unavailable' || code === 'overloaded'
  return status === 503 && isInWords && headers?.get('retry-after') != null
}
