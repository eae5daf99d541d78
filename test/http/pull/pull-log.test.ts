import { expect } from 'chai'
import { newProcessName } from '../../../protocol/process-name.ts'
import { RepeatedSends } from '../../../server/http/pull/repeated-sends.ts'
import { anArchive } from '../../support/archive-builder.ts'
import { eventually } from '../../support/eventually.ts'
import { keptLog } from '../../support/log-lines.ts'
import { RawConnection } from '../../support/raw-exchange.ts'
import { aServer } from '../../support/server-under-test.ts'

describe('the log line of a pull', () => {
  it('warns once of a process that is sent the same release again and again, and is for debug afterwards', async () => {
    const { logger, lines } = keptLog()
    const server = await aServer({ logger })
    const process = newProcessName()
    await server.publish(anArchive())
    lines.length = 0
    const poll = () => server.request.get('/models/shop').set('If-None-Match', process)
    for (let time = 1; time <= 4; time++) {
      await poll()
      // The line is written when the last byte was handed over, which the client may see first.
      await eventually(`line ${time}`, () => lines.length === time)
    }
    expect(lines.map(({ level, event, process: name }) => [level, event, name])).to.deep.equal([
      [30, undefined, process],
      [40, 'sent_again', process],
      [20, undefined, process],
      [20, undefined, process],
    ])
    await server.publish(anArchive())
    lines.length = 0
    await poll()
    await eventually('the line of the other release', () => lines.length > 0)
    expect(lines.map(({ level, release }) => [level, release])).to.deep.equal([[30, 2]])
  })

  it('is no warning where other processes fetch the same release, or where nobody can tell who it is', async () => {
    const { logger, lines } = keptLog()
    const server = await aServer({ logger })
    await server.publish(anArchive())
    lines.length = 0
    for (let time = 1; time <= 3; time++) {
      await server.request.get('/models/shop').set('If-None-Match', newProcessName())
      await server.request.get('/models/shop')
    }
    await eventually('six lines', () => lines.length === 6)
    expect(lines.map(({ level }) => level)).to.deep.equal(Array(6).fill(30))
  })

  it('has the address even where the peer closed its connection meanwhile', async () => {
    const { logger, lines } = keptLog()
    const server = await aServer({ logger })
    await server.publish(anArchive())
    lines.length = 0
    const connection = await RawConnection.open(server.port)
    connection.send('GET /models/shop HTTP/1.1\r\nHost: localhost\r\n\r\n')
    connection.socket.destroy()
    await eventually('the pull was logged', () => lines.length > 0)
    expect(lines.map(({ address }) => address)).to.deep.equal(['127.0.0.1'])
  })

  it('has the instance of the query, and never its token', async () => {
    const { logger, lines, text } = keptLog()
    const server = await aServer({ logger, pullToken: 's3cr3t-token' })
    await server.publish(anArchive())
    lines.length = 0
    const instances = ['pod-7', 'caf%C3%A9%201', 'a%0Ab', '%E2%80%AEevil', 'x'.repeat(129), '']
    for (const instance of instances) {
      await server.request.get(`/models/shop?token=s3cr3t-token&instance=${instance}`)
    }
    await eventually('a line each', () => lines.length === instances.length)
    expect(lines.map(({ instance }) => instance)).to.deep.equal([
      'pod-7',
      'café 1',
      undefined,
      undefined,
      undefined,
      undefined,
    ])
    expect(text()).to.not.include('s3cr3t')
  })
})

describe('repeated sends', () => {
  it('are counted for each process, from one again with another release', () => {
    const sends = new RepeatedSends()
    expect([
      sends.add('a', '1'),
      sends.add('b', '1'),
      sends.add('a', '1'),
      sends.add('a', '2'),
    ]).to.deep.equal([1, 1, 2, 1])
  })

  it('are forgotten for the processes that were silent longest, when there are too many', () => {
    const sends = new RepeatedSends()
    sends.add('first', '1')
    sends.add('second', '1')
    for (let number = 2; number < 10_000; number++) sends.add(String(number), '1')
    expect(sends.add('first', '1')).to.equal(2)
    sends.add('one more', '1')
    expect(sends.add('second', '1')).to.equal(1)
  })
})
