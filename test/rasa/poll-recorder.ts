import { createServer, request, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'
import { atSuiteEnd } from './suite-end.ts'

/** One poll as it passed by, unchanged in both directions. */
export interface Poll {
  path: string
  ifNoneMatch: string | undefined
  userAgent: string | undefined
  status: number
  etag: string | undefined
}

export interface PollRecorder {
  url: string
  /** In the order in which they were answered. */
  polls: Poll[]
}

/**
 * Stands between bots and the server at `serverUrl` and writes down what they say to each other, which a bot tells nobody.
 * Where the server is away, the bot sees what it would see without us: a broken connection.
 */
export async function recordPolls(serverUrl: string): Promise<PollRecorder> {
  const polls: Poll[] = []
  const recorder = createServer((incoming, outgoing) => {
    const { headers, method, url: path = '/' } = incoming
    const onward = request(new URL(path, serverUrl), { method, headers, agent: false })
    onward.once('error', () => outgoing.destroy())
    onward.once('response', (answer) => {
      const status = answer.statusCode ?? 0
      polls.push({ path, ...spoken(headers), status, etag: answer.headers.etag })
      outgoing.writeHead(status, answer.rawHeaders)
      answer.once('error', () => outgoing.destroy())
      answer.pipe(outgoing)
    })
    incoming.pipe(onward)
  })
  await new Promise<void>((resolve) => recorder.listen(0, '127.0.0.1', resolve))
  atSuiteEnd(() => {
    recorder.closeAllConnections()
    recorder.close()
  })
  return { url: `http://127.0.0.1:${(recorder.address() as AddressInfo).port}`, polls }
}

function spoken(headers: IncomingHttpHeaders): Pick<Poll, 'ifNoneMatch' | 'userAgent'> {
  return { ifNoneMatch: headers['if-none-match'], userAgent: headers['user-agent'] }
}
