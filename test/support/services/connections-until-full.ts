import pg from 'pg'

/**
 * Takes all connections that a Postgres has, those of others too.
 *
 * @param url Of a superuser.
 * @returns What gives them back.
 */
export async function connectionsUntilFull(url: string): Promise<() => Promise<void>> {
  const clients: pg.Client[] = []
  const connect = async (): Promise<pg.Client | undefined> => {
    const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 10_000 })
    client.on('error', () => undefined)
    try {
      await client.connect()
    } catch {
      return undefined
    }
    clients.push(client)
    return client
  }
  const first = await connect()
  if (first === undefined) throw new Error('There was no connection')
  let isFull = false
  while (!isFull) {
    while ((await connect()) !== undefined);
    // The types of pg do not know it: the process that serves a connection.
    const ours = clients.map((client) => (client as unknown as { processID: number }).processID)
    // Whoever has one besides us is to ask again.
    const { rowCount } = await first.query(
      `select pg_terminate_backend(pid) from pg_stat_activity where backend_type = 'client backend' and not pid = any($1)`,
      [ours],
    )
    isFull = rowCount === 0
  }
  return async () => {
    await Promise.all(clients.map((client) => client.end().catch(() => undefined)))
  }
}
