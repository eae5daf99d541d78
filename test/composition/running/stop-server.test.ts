import { access } from 'node:fs/promises'
import path from 'node:path'
import { expect } from 'chai'
import { stopServer } from '../../../server/composition/running/stop-server.ts'
import { loadConfig } from '../../../server/config/config.ts'
import { anArchive } from '../../support/archive-builder.ts'
import { eventually } from '../../support/eventually.ts'
import { keptLog } from '../../support/log-lines.ts'
import { RawConnection, parseAnswer } from '../../support/raw-exchange.ts'
import { startComposed } from '../../support/start-composed.ts'
import { temporaryDirectory } from '../../support/temporary-directory.ts'

const LIMITS = { drain: 30_000, listening: 30_000, tasks: 200, lastAnswers: 200 }
const SIGTERM = { signal: 'SIGTERM' } as const

async function listeningServer() {
  const folder = await temporaryDirectory()
  const { logger, lines } = keptLog()
  const config = loadConfig({ DATA_DIR: 'data', MODELS_DIR: 'models' }, folder)
  const { server, port } = await startComposed(config, { logger, tasks: false })
  const archive = anArchive({ payloadBytes: 12_000_000 })
  await fetch(`http://127.0.0.1:${port}/models/shop`, { method: 'POST', body: Uint8Array.from(archive) })
  return { server, logger, lines, folder, port, archive }
}

/** Asks for the archive and takes nothing of it yet. */
async function beginTransfer({ server, port }: Awaited<ReturnType<typeof listeningServer>>) {
  const connection = await RawConnection.open(port)
  connection.socket.pause()
  connection.send('GET /models/shop HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n')
  await eventually('the transfer has begun', () => server.traffic.transfers === 1)
  return connection
}

/** SQLite removes its journal when the last connection is closed. */
async function isCatalogClosed(folder: string): Promise<boolean> {
  return access(path.join(folder, 'data/catalog.sqlite-wal')).then(
    () => false,
    () => true,
  )
}

describe('stopServer', () => {
  it('lets a transfer end although a task does not, and closes the catalog', async () => {
    const parts = await listeningServer()
    const { server, logger, lines, folder, archive } = parts
    const slow = await beginTransfer(parts)
    const stuck = { ...server, stop: () => server.stop().then(() => new Promise<void>(() => undefined)) }
    const stopped = stopServer(stuck, logger, SIGTERM, LIMITS)
    await eventually('it is stopping', () => lines.some(({ msg }) => msg === 'stopping'))
    slow.socket.resume()
    expect(parseAnswer(await slow.closed()).body.equals(archive)).to.equal(true)
    await stopped
    expect(lines.map(({ msg }) => msg)).to.include.members(['tasks_left_behind', 'stopped'])
    expect(await isCatalogClosed(folder)).to.equal(true)
  })

  it('lets a transfer end that began while tasks ended, when nobody else can begin one', async () => {
    const parts = await listeningServer()
    const { server, logger, lines, archive } = parts
    const tasks = Promise.withResolvers<undefined>()
    const slowToStop = { ...server, stop: () => server.stop().then(() => tasks.promise) }
    const stopped = stopServer(slowToStop, logger, SIGTERM, { ...LIMITS, tasks: 30_000, lastAnswers: 0 })
    await eventually('it is stopping', () => lines.some(({ msg }) => msg === 'stopping'))
    const slow = await beginTransfer(parts)
    tasks.resolve(undefined)
    await eventually('it takes no connections', () => !server.http.listening)
    slow.socket.resume()
    expect(parseAnswer(await slow.closed()).body.equals(archive)).to.equal(true)
    await stopped
  })

  it('takes no connections any more where transfers begin again and again, and lets the last ones end', async () => {
    const parts = await listeningServer()
    const { server, logger, archive } = parts
    const slow = await beginTransfer(parts)
    const stopped = stopServer(server, logger, SIGTERM, { ...LIMITS, listening: 0 })
    await eventually('it takes no connections', () => !server.http.listening)
    slow.socket.resume()
    expect(parseAnswer(await slow.closed()).body.equals(archive)).to.equal(true)
    await stopped
  })

  it('cuts a transfer at the limit, and closes the catalog all the same', async () => {
    const parts = await listeningServer()
    const slow = await beginTransfer(parts)
    await stopServer(parts.server, parts.logger, SIGTERM, { ...LIMITS, drain: 100 })
    slow.socket.resume()
    expect((await slow.closed()).length).to.be.below(parts.archive.length)
    expect(await isCatalogClosed(parts.folder)).to.equal(true)
  })

  it('does not wait for transfers after a crash, and closes the catalog', async () => {
    const parts = await listeningServer()
    await beginTransfer(parts)
    await stopServer(parts.server, parts.logger, { error: new Error('unexpected') }, LIMITS)
    expect(parts.lines.map(({ msg }) => msg)).to.include.members(['crashed', 'stopped'])
    expect(await isCatalogClosed(parts.folder)).to.equal(true)
  })
})
