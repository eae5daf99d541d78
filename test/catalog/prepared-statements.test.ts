import Database from 'better-sqlite3'
import { expect } from 'chai'
import { PreparedStatements } from '../../server/catalog/sqlite/prepared-statements.ts'
import { afterThisTest } from '../support/temporary-directory.ts'

describe('PreparedStatements', () => {
  let statements: PreparedStatements
  const ask = (sql: string, ...parameters: unknown[]) => statements.prepare(sql).all(...parameters)
  const change = (sql: string, ...parameters: unknown[]) => statements.prepare(sql).run(...parameters)

  beforeEach(() => {
    const database = new Database(':memory:')
    afterThisTest(() => {
      database.close()
    })
    statements = new PreparedStatements(database)
    change('create table bots (name text)')
  })

  it('are prepared once for each text', () => {
    const first = statements.prepare('select * from bots')
    expect(statements.prepare('select * from bots')).to.equal(first)
    expect(statements.prepare('select name from bots')).not.to.equal(first)
  })

  it('take other parameters each time', () => {
    for (const name of ['pod-1', 'pod-2']) change('insert into bots values (?)', name)
    const found = ['pod-1', 'pod-2', 'pod-3'].map((name) => ask('select * from bots where name = ?', name))
    expect(found).to.deep.equal([[{ name: 'pod-1' }], [{ name: 'pod-2' }], []])
  })

  it('see columns that were added since', () => {
    change('insert into bots values (?)', 'pod-1')
    expect(ask('select * from bots')).to.deep.equal([{ name: 'pod-1' }])
    change('alter table bots add column model text')
    expect(ask('select * from bots')).to.deep.equal([{ name: 'pod-1', model: null }])
  })

  it('go on after a statement that failed', () => {
    change('create unique index once on bots (name)')
    const insert = () => change('insert into bots values (?)', 'pod-1')
    insert()
    expect(insert).to.throw('UNIQUE')
    expect(ask('select * from bots')).to.have.length(1)
    change('delete from bots where name = ?', 'pod-1')
    insert()
  })

  it('are kept as long as they are used, and limited in all', () => {
    const often = statements.prepare('select 1')
    const seldom = statements.prepare('select 2')
    for (let count = 0; count < 1_000; count++) {
      statements.prepare(`select ${count} as "${'x'.repeat(1_000)}"`)
      expect(statements.prepare('select 1')).to.equal(often)
    }
    expect(statements.prepare('select 2')).not.to.equal(seldom)
  })

  it('are not kept where one alone is very long', () => {
    const long = `select '${'x'.repeat(200_000)}'`
    expect(statements.prepare(long)).not.to.equal(statements.prepare(long))
  })
})
