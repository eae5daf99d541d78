import { execFile } from 'node:child_process'
import path from 'node:path'
import { promisify } from 'node:util'
import { alternate } from '../alternate.ts'
import type { Measurement } from '../measurement.ts'
import { median } from '../median.ts'
import { startDatabase } from '../postgres.ts'
import { usageDuring } from '../process-usage.ts'
import { publishMany } from '../publish-many.ts'
import { startSlipway } from '../slipway.ts'
import type { RunningServer } from '../start-server.ts'

const COMMAND_LINE = path.resolve(import.meta.dirname, '../../../client/cli/main.ts')

type Catalog = 'SQLite' | 'Postgres'

export const catalogs: Measurement = {
  name: 'catalogs',
  title: 'The catalog in Postgres and in SQLite',
  method:
    'Two servers, archives in files; the catalog of one is in a Postgres on the same machine, which syncs each COMMIT as SQLite does. 10,000 ' +
    'releases, published with SQLite, are moved into Postgres with `slipway migrate`, and servers are started over both until `/readyz` answers. ' +
    'Then small archives are published to both, four at a time.',
  run: async ({ folder, rounds, quick }) => {
    const postgres = await startDatabase()
    const at = async (catalog: Catalog, name: string, database: string): Promise<RunningServer> =>
      startSlipway(
        path.join(folder, name),
        catalog === 'SQLite' ? {} : { DATABASE_URL: database, MODELS_DIR: '' },
      )
    const releases = quick ? 100 : 10_000
    const many = path.join(folder, 'many')
    const filling = await startSlipway(many)
    await publishMany(filling, releases)
    await filling.stop()
    const database = await postgres.database('many')
    const kept = { SQLite: many, Postgres: path.join(folder, 'moved') }
    await promisify(execFile)('cp', ['-r', many, kept.Postgres])
    await promisify(execFile)(
      process.execPath,
      [COMMAND_LINE, 'migrate', '--from', 'DATA_DIR', '--to', 'DATABASE_URL'],
      { env: { ...process.env, DATA_DIR: path.join(kept.Postgres, 'data'), DATABASE_URL: database } },
    )
    const starts: Record<Catalog, RunningServer[]> = { SQLite: [], Postgres: [] }
    for (let round = 0; round < rounds; round++) {
      for (const which of ['SQLite', 'Postgres'] as const) {
        const server = await at(which, path.basename(kept[which]), database)
        starts[which].push(server)
        await server.stop()
      }
    }
    const servers = {
      SQLite: await at('SQLite', path.basename(kept.SQLite), database),
      Postgres: await at('Postgres', path.basename(kept.Postgres), database),
    }
    const count = quick ? 20 : 300
    let first = releases
    const publishing = (which: Catalog) => async () => {
      const { pid } = servers[which]
      const begun = performance.now()
      const { cpuSeconds } = await usageDuring(pid, () =>
        publishMany(servers[which], count, (first += count)),
      )
      return {
        perSecond: (count * 1000) / (performance.now() - begun),
        cpuMilliseconds: (cpuSeconds * 1000) / count,
      }
    }
    const published = await alternate(rounds, {
      SQLite: publishing('SQLite'),
      Postgres: publishing('Postgres'),
    })
    for (const server of Object.values(servers)) await server.stop()

    const started = (which: Catalog, figure: 'startSeconds' | 'startCpuSeconds'): number =>
      median(starts[which].map((server) => server[figure]))
    return {
      columns: [
        'catalog in',
        `publishes/s with ${releases.toLocaleString('en')} releases`,
        'CPU ms per publish',
        'start s with as many',
        'start CPU s',
      ],
      rows: (['SQLite', 'Postgres'] as const).map((which) => [
        which,
        published.of(which, 'perSecond'),
        published.of(which, 'cpuMilliseconds'),
        started(which, 'startSeconds'),
        started(which, 'startCpuSeconds'),
      ]),
      goals: [
        {
          what: `s to start with ${releases} releases in Postgres`,
          wanted: 2,
          figure: started('Postgres', 'startSeconds'),
          atMost: true,
        },
      ],
    }
  },
}
