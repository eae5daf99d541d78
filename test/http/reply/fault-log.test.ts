import { expect } from 'chai'
import { DomainError } from '../../../server/errors/errors.ts'
import { FaultLog, type Fault } from '../../../server/http/reply/fault-log.ts'
import { eventually } from '../../support/eventually.ts'
import { keptLog } from '../../support/log-lines.ts'

const SHORT = 50
const NEVER = 3_600_000
const [INFO, ERROR] = [30, 50]

describe('the log of requests that failed', () => {
  const locked = (request: string): Fault => ({
    code: 'catalog-unavailable',
    error: new DomainError('catalog-unavailable', `The database took too long for ${request}.`),
    event: 'catalog_unavailable',
    facts: { request },
  })

  it('tells the first of many that the same outage fails', () => {
    const { logger, lines } = keptLog()
    const faults = new FaultLog(logger, NEVER)
    for (const request of ['one', 'two', 'three']) faults.note(locked(request))
    const told = lines.filter(({ level }) => level === ERROR)
    expect(told).to.have.length(1)
    expect(told[0]).to.deep.include({
      msg: 'catalog_unavailable',
      code: 'catalog-unavailable',
      request: 'one',
    })
  })

  it('tells what fails in another way at once', () => {
    const { logger, lines } = keptLog()
    const faults = new FaultLog(logger, NEVER)
    faults.note(locked('one'))
    faults.note({ ...locked('two'), event: 'page_failed' })
    faults.note({ ...locked('three'), code: 'storage-unavailable', event: 'store_error' })
    expect(lines.map(({ msg }) => msg)).to.deep.equal(['catalog_unavailable', 'page_failed', 'store_error'])
  })

  it('tells once of each damaged or missing archive, however many bots ask for it', () => {
    const { logger, lines } = keptLog()
    const faults = new FaultLog(logger, NEVER)
    const damaged = (digest: string): Fault => ({
      code: 'blob-damaged',
      error: new DomainError('blob-damaged', 'The archive is damaged.'),
      event: 'bitrot',
      facts: { digest },
    })
    for (const digest of ['aa', 'bb', 'aa', 'bb', 'aa']) faults.note(damaged(digest))
    expect(lines.filter(({ level }) => level === ERROR).map(({ digest }) => digest)).to.deep.equal([
      'aa',
      'bb',
    ])
  })

  it('tells every fault that is no outage', () => {
    const { logger, lines } = keptLog()
    const faults = new FaultLog(logger, NEVER)
    for (let time = 0; time < 2; time++)
      faults.note({ code: 'internal-error', error: new Error('why'), event: 'request_failed' })
    expect(lines.map(({ level }) => level)).to.deep.equal([ERROR, ERROR])
  })

  it('tells after a while how many there were, with what the last one failed of, and in the end that there are none', async () => {
    const { logger, lines } = keptLog()
    const faults = new FaultLog(logger, SHORT)
    for (const request of ['one', 'two', 'three']) faults.note(locked(request))
    await eventually('the outage has ended', () => lines.some(({ msg }) => msg === 'faults_ended'))
    const [, later, end] = lines.filter(({ level }) => level >= INFO)
    expect(later).to.deep.include({ level: ERROR, msg: 'catalog_unavailable', requests: 2 })
    expect(later?.['err']).to.deep.include({ message: 'The database took too long for three.' })
    expect(end).to.deep.include({ level: INFO, event: 'catalog_unavailable', requests: 3, seconds: 0 })
    faults.note(locked('four'))
    expect(lines.at(-1)).to.deep.include({ level: ERROR, request: 'four' })
  })
})
