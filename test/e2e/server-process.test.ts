import { execFile } from 'node:child_process'
import { mkdir, readdir, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { promisify } from 'node:util'
import { expect } from 'chai'
import type { Release } from '../../protocol/release.ts'
import { SETTINGS } from '../../server/config/settings.ts'
import { anArchive } from '../support/archive-builder.ts'
import { eventually } from '../support/eventually.ts'
import { parseAnswer, rawExchange, RawConnection } from '../support/raw-exchange.ts'
import { startFailure, startServer, type RunningServer } from '../support/start-server.ts'
import { temporaryDirectory } from '../support/temporary-directory.ts'

const MAIN = path.join(import.meta.dirname, '../../server/main.ts')

async function publish({ url }: RunningServer, archive: Buffer, query = ''): Promise<Release> {
  const answer = await fetch(`${url}/models/shop${query}`, { method: 'POST', body: Uint8Array.from(archive) })
  expect(answer.status).to.be.oneOf([200, 201])
  return (await answer.json()) as Release
}

describe('the server as a process', function () {
  this.timeout(60_000)

  it('starts on an empty folder, says where it is, and ends with 0 on SIGTERM', async () => {
    const server = await startServer()
    expect((await fetch(`${server.url}/readyz`)).status).to.equal(200)
    expect(await eventually('the banner is shown', () => server.stderr().includes('endpoints.yml'))).to.equal(
      true,
    )
    expect(server.stderr()).to.include(`url: ${server.url}/models/default`)
    server.kill('SIGTERM')
    expect(await server.ended).to.equal(0)
    expect(server.lines.map(({ msg }) => msg)).to.include.members(['listening', 'stopping', 'stopped'])
  })

  it('ends with 0 on SIGINT, also while connections are kept open', async () => {
    const server = await startServer()
    const idle = await RawConnection.open(server.port)
    const half = await RawConnection.open(server.port)
    half.send('GET /livez HTTP/1.1\r\n')
    server.kill('SIGINT')
    expect(await server.ended).to.equal(0)
    await Promise.all([idle.closed(), half.closed()])
  })

  for (const setting of ['DATA_DIR', 'MODELS_DIR']) {
    it(`ends with 2 and a sentence where ${setting} is a place that takes no folders`, async () => {
      const { outcome, stderr } = await startFailure(
        startServer({ env: { [setting]: '/proc/slipway/deep' } }),
      )
      expect(outcome).to.equal(2)
      expect(stderr).to.include(`${setting}: the folder /proc/slipway/deep cannot be made`)
    })
  }

  it('says of a short token that it is short, and starts', async () => {
    const server = await startServer({ env: { SLIPWAY_PULL_TOKEN: 'short' } })
    const warnings = server.lines.filter(({ msg }) => msg === 'configuration_warning')
    expect(warnings.map(({ reason }) => String(reason).split(':')[0])).to.deep.equal(['SLIPWAY_PULL_TOKEN'])
    expect(JSON.stringify(warnings)).to.not.include('short"')
  })

  it('keeps releases, tags and bytes over a restart', async () => {
    const first = await startServer()
    const archives = [anArchive(), anArchive()]
    for (const archive of archives)
      await publish(first, archive, archive === archives[0] ? '?tag=production' : '')
    first.kill('SIGTERM')
    await first.ended
    const second = await startServer({ folder: first.folder })
    for (const [index, tag] of ['production', 'latest'].entries()) {
      const answer = await fetch(`${second.url}/models/shop@${tag}`)
      const expected = archives[index]
      expect(Buffer.from(await answer.arrayBuffer()).equals(expected ?? Buffer.alloc(0)), tag).to.equal(true)
    }
    expect((await publish(second, anArchive())).number).to.equal(3)
  })

  it('lets transfers end on SIGTERM, answers polls meanwhile, is not ready, and takes no uploads', async () => {
    const server = await startServer()
    const archive = anArchive({ payloadBytes: 12_000_000 })
    const { digest } = await publish(server, archive)
    const slow = await RawConnection.open(server.port)
    slow.socket.pause()
    slow.send('GET /models/shop HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n')
    await eventually('the transfer has begun', async () => {
      const status = (await (await fetch(`${server.url}/api/v1/status`)).json()) as { transfers: number }
      return status.transfers === 1
    })
    server.kill('SIGTERM')
    await eventually('it is stopping', () => server.lines.some(({ msg }) => msg === 'stopping'))
    const poll = await fetch(`${server.url}/models/shop`, { headers: { 'If-None-Match': `"${digest}"` } })
    expect(poll.status).to.equal(304)
    const ready = await fetch(`${server.url}/readyz`)
    expect([ready.status, ((await ready.json()) as { code: string }).code]).to.deep.equal([
      503,
      'shutting-down',
    ])
    const upload = await fetch(`${server.url}/models/shop`, {
      method: 'POST',
      body: Uint8Array.from(anArchive()),
    })
    expect([upload.status, upload.headers.get('retry-after')]).to.deep.equal([503, '5'])
    slow.socket.resume()
    expect(parseAnswer(await slow.closed()).body.equals(archive)).to.equal(true)
    expect(await server.ended).to.equal(0)
  })

  it('ends at once on a second signal', async () => {
    const server = await startServer()
    await publish(server, anArchive({ payloadBytes: 12_000_000 }))
    const slow = await RawConnection.open(server.port)
    slow.socket.pause()
    slow.send('GET /models/shop HTTP/1.1\r\nHost: localhost\r\n\r\n')
    await eventually('the transfer has begun', async () => {
      const status = (await (await fetch(`${server.url}/api/v1/status`)).json()) as { transfers: number }
      return status.transfers === 1
    })
    server.kill('SIGTERM')
    await eventually('it is stopping', () => server.lines.some(({ msg }) => msg === 'stopping'))
    server.kill('SIGTERM')
    expect(await server.ended).to.equal(1)
  })

  it('has its DATA_DIR for itself; a second one says so and ends with 1', async () => {
    const first = await startServer()
    const failure = await startFailure(startServer({ folder: first.folder }))
    expect(failure.outcome).to.equal(1)
    expect(failure.stderr).to.match(/in use by another Slipway/)
    expect((await fetch(`${first.url}/livez`)).status).to.equal(200)
  })

  it('says which port is taken and ends with 1', async () => {
    const first = await startServer()
    const failure = await startFailure(startServer({ env: { PORT: String(first.port) } }))
    expect(failure.outcome).to.equal(1)
    expect(failure.stderr).to.include(String(first.port)).and.include('PORT')
  })

  it('names all mistakes of its configuration, shows no secret, and ends with 2', async () => {
    const env = { PORT: 'x', LOG_LEVEL: 'loud', SLIPWAY_PUBLISH_TOKEN: 'hunter2 ', SLIPWAY_TYPO: '1' }
    const failure = await startFailure(startServer({ env }))
    expect(failure.outcome).to.equal(2)
    for (const name of ['PORT', 'LOG_LEVEL', 'SLIPWAY_PUBLISH_TOKEN', 'SLIPWAY_TYPO']) {
      expect(failure.stderr).to.include(name)
    }
    expect(failure.stderr).to.not.include('hunter2')
  })

  it('lists each variable for --help', async () => {
    const { stdout } = await promisify(execFile)(process.execPath, [MAIN, '--help'])
    for (const name of Object.keys(SETTINGS)) expect(stdout).to.include(`  ${name} `)
  })

  it('ends with 2 where it is given an argument, rather than start without what was meant', async () => {
    const under = ['bash', '-c', 'exec "$@" --port 8080', '--']
    const { outcome, stderr } = await startFailure(startServer({ under }))
    expect(outcome).to.equal(2)
    expect(stderr).to.include('serve takes no argument, and got --port; its environment configures it')
  })

  it('sweeps what uploads of a killed server left', async () => {
    const first = await startServer()
    const upload = await RawConnection.open(first.port)
    upload.send('POST /models/shop HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5000000\r\n\r\n')
    upload.send(anArchive({ payloadBytes: 3_000_000 }))
    const staged = async (): Promise<string[]> => {
      const all = await readdir(path.join(first.folder, 'data/blobs'), {
        recursive: true,
        withFileTypes: true,
      })
      return all.filter((entry) => entry.isFile()).map(({ name }) => name)
    }
    await eventually('something is staged', async () => (await staged()).length > 0)
    first.kill('SIGKILL')
    await first.ended
    const second = await startServer({ folder: first.folder })
    expect(await staged()).to.deep.equal([])
    expect(second.lines.find(({ msg }) => msg === 'tmp_swept')).to.include({ files: 1 })
  })

  it('publishes what lies in models/, and nothing twice', async () => {
    const folder = await temporaryDirectory()
    await mkdir(path.join(folder, 'models'))
    await writeFile(path.join(folder, 'models/bot.tar.gz'), anArchive())
    for (let start = 0; start < 2; start++) {
      const server = await startServer({ folder })
      await eventually('it is published', async () => (await fetch(`${server.url}/models/default`)).ok)
      const releases = await fetch(`${server.url}/api/v1/models/default/releases`)
      expect(((await releases.json()) as { items: unknown[] }).items).to.have.length(1)
      server.kill('SIGTERM')
      await server.ended
    }
  })

  it('outlives a lack of descriptors, and serves again when there are some', async function () {
    if (process.platform !== 'linux') this.skip()
    const server = await startServer({ under: ['bash', '-c', 'ulimit -n 60; exec "$@"', '--'] })
    await publish(server, anArchive())
    const crowd = await Promise.all(
      Array.from({ length: 120 }, () => RawConnection.open(server.port).catch(() => undefined)),
    )
    // Some were turned away; whoever got in may still hear 503, and nobody a wrong answer.
    for (const connection of crowd) connection?.send('GET /models/shop HTTP/1.1\r\nHost: localhost\r\n\r\n')
    for (const connection of crowd) connection?.socket.destroy()
    await eventually('it serves again', async () => {
      const request = 'GET /models/shop HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n'
      return (await rawExchange(server.port, request).catch(() => undefined))?.status === 200
    })
    server.kill('SIGTERM')
    expect(await server.ended).to.equal(0)
  })
})
