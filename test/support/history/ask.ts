/** What a request came to, and when. Times are milliseconds of this process. */
export interface Answer {
  /** 0: no answer came. */
  readonly status: number
  readonly headers: Headers | undefined
  /** Of an answer in JSON. */
  readonly body: unknown
  readonly asked: number
  readonly answered: number
}

/** Asks once, and waits at most so many milliseconds for the answer. Never rejects. */
export async function ask(url: string, init: RequestInit = {}, patience = 5_000): Promise<Answer> {
  const asked = performance.now()
  const came = await fetch(url, { ...init, signal: AbortSignal.timeout(patience) })
    .then(async (answer) => {
      const text = await answer.text()
      const isJson = answer.headers.get('content-type')?.includes('json') === true && text !== ''
      return {
        status: answer.status,
        headers: answer.headers,
        body: isJson ? (JSON.parse(text) as unknown) : undefined,
      }
    })
    .catch(() => ({ status: 0, headers: undefined, body: undefined }))
  return { ...came, asked, answered: performance.now() }
}
