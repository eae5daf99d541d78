import { once } from 'node:events'
import { createServer, type AddressInfo } from 'node:net'
import { expect } from 'chai'
import { CompiledQuery } from 'kysely'
import type { Pool } from 'pg'
import { PostgresDriver } from '../../server/catalog/postgres/postgres-driver.ts'
import { STANDARD_LIMITS } from '../../server/catalog/postgres/postgres-settings.ts'
import { rejection } from '../contracts/catalog-support.ts'
import { eventually } from '../support/eventually.ts'
import { afterThisTest } from '../support/temporary-directory.ts'

describe('PostgresDriver', () => {
  /** A session whose statements fail one after the other, and what was told to the database beside it. */
  const aSession = async (failures: readonly Error[]) => {
    const told: number[] = []
    const database = createServer((socket) => {
      socket.on('data', (message: Buffer) => {
        told.push(message.readInt32BE(8))
        socket.end()
      })
    }).listen(0, '127.0.0.1')
    await once(database, 'listening')
    afterThisTest(() => void database.close())
    const left = [...failures]
    const released: unknown[] = []
    const client = {
      host: '127.0.0.1',
      port: (database.address() as AddressInfo).port,
      processID: 77,
      secretKey: 1,
      query: () => Promise.reject(left.shift()!),
      release: (isBroken: unknown) => released.push(isBroken),
    }
    const pool = { connect: () => Promise.resolve(client) } as unknown as Pool
    const driver = new PostgresDriver(pool, STANDARD_LIMITS)
    const connection = await driver.acquireConnection()
    for (const failure of failures)
      expect(await rejection(connection.executeQuery(CompiledQuery.raw('select 1')))).to.equal(failure)
    await driver.releaseConnection(connection)
    await eventually('it is given back', () => released.length > 0)
    return { told, released }
  }

  const LATE = new Error('Query read timeout')
  const BROKEN = new Error('Connection terminated unexpectedly')

  it('has the database give up a statement whose answer is late, and uses its connection no more', async () => {
    expect(await aSession([LATE])).to.deep.equal({ told: [77], released: [true] })
  })

  it('has it give that up, too, where another statement failed otherwise since', async () => {
    expect(await aSession([LATE, BROKEN])).to.deep.equal({ told: [77], released: [true] })
  })

  it('tells the database nothing where the connection broke', async () => {
    expect(await aSession([BROKEN])).to.deep.equal({ told: [], released: [true] })
  })
})
