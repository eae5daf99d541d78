import { expect } from 'chai'
import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, openSync } from 'node:fs'
import path from 'node:path'
import { anArchive } from '../support/archive-builder.ts'
import { callSlipway } from '../support/call-slipway.ts'
import { eventually } from '../support/eventually.ts'
import { lyingServer } from '../support/lying-server.ts'
import { programPath } from '../support/program-path.ts'
import { serveArchive, truthfulHeaders } from '../support/serve-archive.ts'
import { skipTest } from '../support/skip-test.ts'
import { afterThisTest, temporaryDirectory } from '../support/temporary-directory.ts'

const MAIN = programPath('client/cli/main.ts')
const archive = anArchive({ payloadBytes: 3_000_000 })

describe('a terminal', function () {
  this.timeout(60_000)

  it('is restored by Ctrl-C while the progress bar shows, and the pull exits with 130', async function () {
    try {
      execFileSync('script', ['--version'], { stdio: 'ignore' })
    } catch {
      skipTest(this, 'needs script(1) for a terminal')
    }
    const server = await lyingServer((_request, response) => {
      response.writeHead(200, truthfulHeaders(archive))
      let sent = 0
      const timer = setInterval(() => {
        if (sent < archive.length - 20_000) response.write(archive.subarray(sent, (sent += 20_000)))
      }, 50)
      response.on('close', () => {
        clearInterval(timer)
      })
    })
    const to = await temporaryDirectory()
    const command = `'${process.execPath}' '${MAIN}' pull ${server.url} --to '${to}'`
    // -e: the exit code is the command's.
    const child = spawn('script', ['-qefc', command, '/dev/null'], { stdio: ['pipe', 'pipe', 'inherit'] })
    afterThisTest(() => child.kill('SIGKILL'))
    let shown = ''
    child.stdout.on('data', (chunk: Buffer) => (shown += chunk.toString()))
    await eventually('the bar shows', () => shown.includes('%'), 30_000)
    child.stdin.write('\u0003')
    const [code] = (await once(child, 'close')) as [number]
    expect(code).to.equal(130)
    // DECAWM, the wrapping of lines: whoever switched it off switches it on again.
    expect(shown.lastIndexOf('\u001b[?7h')).to.be.greaterThan(shown.lastIndexOf('\u001b[?7l'))
  })

  it('gets an error where what is printed cannot be written', async () => {
    const server = await lyingServer(serveArchive(archive))
    const to = path.join(await temporaryDirectory(), 'models')
    const full = openSync('/dev/full', 'w')
    const child = spawn(process.execPath, [MAIN, 'pull', server.url, '--to', to], {
      stdio: ['ignore', full, 'pipe'],
    })
    closeSync(full)
    let words = ''
    child.stderr?.on('data', (chunk: Buffer) => (words += chunk.toString()))
    const [code] = (await once(child, 'close')) as [number]
    expect([code, words]).to.deep.equal([3, words])
    expect(words).to.match(/standard output cannot be written: ENOSPC/)
  })
})

describe('slipway status', function () {
  this.timeout(60_000)

  it('prints what is known at once where the catalog is lost, and does not wait', async () => {
    const server = await lyingServer((request, response) => {
      if (request.url?.endsWith('/status') === true) response.end(JSON.stringify({ version: '1.2.3' }))
      else response.writeHead(503, { 'retry-after': '30' }).end()
    })
    const started = performance.now()
    const { code, out, error } = await callSlipway(['status'], { env: { SLIPWAY_URL: server.origin } })
    expect(code).to.equal(5)
    expect(out).to.match(/slipway 1\.2\.3/)
    expect(error).to.match(/503/)
    expect(performance.now() - started).to.be.lessThan(25_000)
    const json = await callSlipway(['status', '--json'], { env: { SLIPWAY_URL: server.origin } })
    expect(JSON.parse(json.out)).to.deep.equal({ version: '1.2.3', models: null, fleet: null })
  })
})
