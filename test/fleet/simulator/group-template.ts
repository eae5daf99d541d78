import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import type { Target } from '../../../server/fleet/process-record.ts'
import { GroupMember } from './group-member.ts'
import { SimulatedDatabase } from './simulated-database.ts'
import { publishBoth } from './wire-requests.ts'

/** A database with two releases of which the first is tagged, and the folder of their archives. */
export interface GroupTemplate {
  readonly database: SimulatedDatabase
  readonly folder: string
  readonly releases: readonly [Target, Target]
}

/** Makes what every history of several servers begins from. @param server The address of a Postgres. */
export async function makeGroupTemplate(server: string, now: number): Promise<GroupTemplate> {
  const folder = await mkdtemp(path.join(tmpdir(), 'slipway-template-'))
  const database = await SimulatedDatabase.create(server, `simulated_${randomBytes(6).toString('hex')}`)
  const archives = path.join(folder, 'archives')
  const member = new GroupMember({
    name: 'template',
    folder: path.join(folder, 'data'),
    database: database.url,
    archives,
    random: randomBytes,
    clockOffset: 0,
    virtualNow: () => now,
    setDatabaseTime: () => database.setTime(now),
  })
  await member.start()
  const releases = await publishBoth(member.server.http)
  await member.stop(false, 0)
  await database.leave()
  return { database, folder, releases }
}

/** Removes what {@link makeGroupTemplate} made. */
export async function dropGroupTemplate({ database, folder }: GroupTemplate): Promise<void> {
  await database.drop().finally(() => rm(folder, { recursive: true, force: true }))
}
