import { once } from 'node:events'
import { connect } from 'node:net'
import type { PoolClient } from 'pg'

/** For how long whoever asks waits until the database was told; it may be that it answers nothing. Milliseconds. */
const PATIENCE_MS = 1_000

/** The code in a CancelRequest, in the place of a version: 1234 and 5678. */
const CANCEL_REQUEST = (1234 << 16) | 5678

/**
 * Has the database give up the statement that a session works on, which closing the connection does not: a session that waits for a lock
 * looks at its connection only when it has the lock, and stays until then.
 *
 * Sent without TLS, which the database takes whatever it asks of sessions: what it gives away is of no use once the session is closed,
 * as it must be then (https://www.postgresql.org/docs/current/protocol-flow.html#PROTOCOL-FLOW-CANCELING-REQUESTS). Never rejects; a
 * pooler must be told before the connection to it is closed, so that it knows which session is meant.
 *
 * @param client Whose connection is of no use any more, and not yet closed.
 */
export async function cancelStatement(client: PoolClient): Promise<void> {
  const { host, port, processID, secretKey } = client as PoolClient & Session
  if (processID === null || secretKey === null) return
  const socket = host.startsWith('/') ? connect(`${host}/.s.PGSQL.${port}`) : connect(port, host)
  const request = Buffer.alloc(16)
  for (const [index, value] of [request.byteLength, CANCEL_REQUEST, processID, secretKey].entries())
    request.writeInt32BE(value, index * 4)
  try {
    socket.write(request)
    // The database says nothing, and closes the connection when it has done so.
    socket.resume()
    await once(socket, 'close', { signal: AbortSignal.timeout(PATIENCE_MS) })
  } catch {
    // It is not to be reached, or silent: then it has more to do than to wait for us.
  } finally {
    socket.on('error', () => undefined).destroy()
  }
}

/** What pg knows of a session, and its types do not tell; null: the session did not say. */
interface Session {
  readonly host: string
  readonly port: number
  readonly processID: number | null
  readonly secretKey: number | null
}
