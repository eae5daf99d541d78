import { rm } from 'node:fs/promises'
import { findBinaries, startCluster } from '../support/services/postgres.ts'
import { CoreServer } from './simulator/core-server.ts'
import type { MakeServer } from './simulator/history.ts'
import { dropGroupTemplate, makeGroupTemplate } from './simulator/group-template.ts'
import { WholeGroup } from './simulator/whole-group.ts'
import { makeTemplate, WholeServer } from './simulator/whole-server.ts'

/** What a simulation puts to the test. */
export interface SimulatedSubject {
  /** The section of docs/fleet-simulation.md about it. */
  readonly title: string
  readonly makeServer: MakeServer
  /** After how many histories progress is worth a line. */
  readonly reportEvery: number
  /** How many histories are played at once: those over a database wait for it most of the time. */
  readonly atOnce: number
  /** Lets go of what it needs. */
  close(): Promise<void>
}

/**
 * Prepares what is to be tested.
 *
 * @param servers 0: the rules alone; 1: the server that ships; more: so many of them over one Postgres.
 * @param now When histories begin, or before. Milliseconds since 1970.
 * @throws Error where several are wanted and Postgres is not installed.
 */
export async function subjectOf(servers: number, now: number): Promise<SimulatedSubject> {
  if (servers === 0) {
    return {
      title: 'The rules',
      reportEvery: 1000,
      atOnce: 1,
      makeServer: (now) => new CoreServer({ needsToken: false }, now),
      close: () => Promise.resolve(),
    }
  }
  if (servers === 1) {
    const template = await makeTemplate(now)
    return {
      title: 'The server that ships',
      reportEvery: 10,
      atOnce: 1,
      makeServer: (now, seed) => WholeServer.start(template, now, seed),
      close: () => rm(template.folder, { recursive: true, force: true }),
    }
  }
  const binaries = await findBinaries()
  if (binaries === undefined) throw new Error('PostgreSQL is not installed: run scripts/services')
  const postgres = await startCluster(binaries, { outlivesCtrlC: true })
  const template = await makeGroupTemplate(postgres.url, now).catch(async (error: unknown) => {
    await postgres.stop()
    throw error
  })
  return {
    title: `The server that ships, ${servers} of them`,
    reportEvery: 10,
    atOnce: 4,
    makeServer: (now, seed) => WholeGroup.start(template, { servers, now, seed }),
    async close() {
      await dropGroupTemplate(template).finally(() => postgres.stop())
    },
  }
}
