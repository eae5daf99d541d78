import { randomBytes } from 'node:crypto'
import { mkdir } from 'node:fs/promises'
import path from 'node:path'
import { digestOfToken, drawToken } from '../../../server/access/draw-token.ts'
import { openSqliteCatalog } from '../../../server/catalog/sqlite/sqlite-catalog.ts'
import { alternate } from '../alternate.ts'
import { writeArchive } from '../archives.ts'
import { measureLoad } from '../load.ts'
import type { Measurement } from '../measurement.ts'
import { publish, startSlipway } from '../slipway.ts'
import { requireUnchanged } from '../require-unchanged.ts'

const MANY = 10_000

export const tokens: Measurement = {
  name: 'tokens',
  title: 'Polls with one token and with 10,000',
  method:
    'Two servers with the same release, one with a single token for pulls in its catalog, one with 10,000; wrk keeps 64 ' +
    'connections busy with polls in sync that carry one of them, kept alive and with a new connection for each.',
  run: async ({ folder, rounds, seconds, quick }) => {
    const file = await writeArchive(folder, 1)
    const servers = {
      one: await startWithTokens(path.join(folder, 'one'), 1, file),
      many: await startWithTokens(path.join(folder, 'many'), quick ? 100 : MANY, file),
    }
    const load = (which: 'one' | 'many', connectionPerRequest: boolean) => () => {
      const { pid, url, headers } = servers[which]
      return measureLoad(pid, { url, connections: 64, seconds, headers, connectionPerRequest })
    }
    const rows: (string | number)[][] = []
    const goals = []
    for (const connectionPerRequest of [true, false]) {
      const compared = await alternate(rounds, {
        one: load('one', connectionPerRequest),
        many: load('many', connectionPerRequest),
      })
      const situation = connectionPerRequest ? 'new connection' : 'kept alive'
      for (const which of ['one', 'many'] as const) {
        const figures = ['perSecond', 'p99', 'cpuMicroseconds', 'peakMegabytes'] as const
        rows.push([situation, which, ...figures.map((figure) => compared.of(which, figure))])
      }
      goals.push({
        what: `304s with 10,000 tokens against one, ${situation}`,
        wanted: 0.95,
        figure: compared.ratio('perSecond', 'many', 'one'),
        inCpuTime: compared.ratio('cpuMicroseconds', 'one', 'many'),
      })
    }
    return {
      columns: ['64 connections', 'tokens', '304s/s', 'p99 ms', 'CPU µs per 304', 'RSS MB'],
      rows,
      goals,
    }
  },
}

/** A server with so many tokens in its catalog, and how to poll it with one of them. */
async function startWithTokens(folder: string, count: number, archive: string) {
  const secret = await fillCatalog(path.join(folder, 'data'), count)
  const server = await startSlipway(folder)
  await publish(server, archive, 'default', secret.admin)
  const url = `${server.url}/models/default`
  const authorization = `Bearer ${secret.bot}`
  const fresh = '2c1b7e9d40a64f35b8d2917c6e0f5a34'
  const answer = await fetch(url, { headers: { authorization, 'if-none-match': fresh } })
  await answer.body?.cancel()
  const headers = { Authorization: authorization, 'If-None-Match': answer.headers.get('etag') ?? '' }
  await requireUnchanged(url, headers['If-None-Match'], { Authorization: authorization })
  return { pid: server.pid, url, headers }
}

/** Puts tokens into a new catalog before its server starts: an admin, and so many for bots. */
async function fillCatalog(dataDir: string, count: number): Promise<{ admin: string; bot: string }> {
  await mkdir(dataDir, { recursive: true })
  const catalog = await openSqliteCatalog(path.join(dataDir, 'catalog.sqlite'))
  const secrets = Array.from({ length: count + 1 }, () => drawToken(randomBytes))
  try {
    await catalog.writeShared(async (writer) => {
      for (const [index, secret] of secrets.entries()) {
        await writer.insertToken({
          name: `token-${index}`,
          digest: digestOfToken(secret),
          subject: null,
          expiresAt: null,
          allow: [index === 0 ? 'admin' : 'pull'],
          createdAt: Date.now(),
          createdBy: 'benchmark',
          publishers: [],
        })
      }
    })
  } finally {
    await catalog.close()
  }
  return { admin: secrets[0] ?? '', bot: secrets.at(-1) ?? '' }
}
