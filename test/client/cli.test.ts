import { expect } from 'chai'
import { readFile, readdir, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { anArchive } from '../support/archive-builder.ts'
import { callSlipway } from '../support/call-slipway.ts'
import { archivesOf } from '../support/client-folder.ts'
import { lyingServer } from '../support/lying-server.ts'
import { runSlipway } from '../support/run-slipway.ts'
import { digestOf, serveArchive } from '../support/serve-archive.ts'
import { temporaryDirectory } from '../support/temporary-directory.ts'

const archive = anArchive()

describe('slipway pull', () => {
  it('prints the absolute path alone, and exits with 0, whether installed or unchanged', async () => {
    const server = await lyingServer(serveArchive(archive))
    const cwd = await temporaryDirectory()
    const name = `shop-${digestOf(archive).slice(0, 12)}.tar.gz`
    for (let time = 0; time < 2; time += 1) {
      const { code, out } = await runSlipway(['pull', server.url, '--to', 'models'], { cwd })
      expect(out).to.equal(`${path.join(cwd, 'models', name)}\n`)
      expect(code).to.equal(0)
    }
  })

  it('prints one object a line with --json', async () => {
    const server = await lyingServer(serveArchive(archive))
    const to = await temporaryDirectory()
    const { out } = await callSlipway(['pull', server.url, '--to', to, '--json'])
    const digest = digestOf(archive)
    expect(JSON.parse(out)).to.deep.equal({
      event: 'installed',
      path: path.join(to, `shop-${digest.slice(0, 12)}.tar.gz`),
      digest,
      release: 1,
      etag: `"${digest}"`,
    })
  })

  const wrong: Record<string, string[]> = {
    'no source': ['pull', '--to', 'x'],
    'two sources': ['pull', 'http://127.0.0.1:1/m', '--endpoints', 'e.yml', '--to', 'x'],
    'no folder': ['pull', 'http://127.0.0.1:1/m'],
    'no address': ['pull', 'models/', '--to', 'x'],
    'credentials that are not percent-encoded': ['pull', 'http://a%:b@127.0.0.1:1/m', '--to', 'x'],
    'an unknown option': ['pull', 'http://127.0.0.1:1/m', '--to', 'x', '--wach'],
    'an unknown command': ['pul'],
    'a bad interval': ['pull', 'http://127.0.0.1:1/m', '--to', 'x', '--interval', 'soon'],
    'no releases at all': ['releases', '--limit', '0'],
    'pruning all': ['prune', '--keep-releases', '0'],
    'a missing endpoints.yml': ['pull', '--endpoints', 'none.yml', '--to', 'x'],
    'a storage without a name': ['pull', '--remote-storage', 'aws', '--to', 'x'],
    'an unknown storage': ['pull', '--remote-storage', 'rasa_module.Class', '--model', 'm', '--to', 'x'],
    'a cloud that is not configured': ['pull', '--remote-storage', 'aws', '--model', 'm', '--to', 'x'],
  }
  for (const [what, args] of Object.entries(wrong)) {
    it(`exits with 2 for ${what}`, async () => {
      const { code, out, error } = await callSlipway(args, { cwd: await temporaryDirectory() })
      expect(code, error).to.equal(2)
      expect(out).to.equal('')
      expect(error).to.match(/error: /)
    })
  }

  it('exits with 3 where it cannot write', async () => {
    const server = await lyingServer(serveArchive(archive))
    const to = path.join(await temporaryDirectory(), 'file')
    await writeFile(to, 'a file')
    expect((await callSlipway(['pull', server.url, '--to', to])).code).to.equal(3)
  })

  it('exits with 4 for what is no sound archive', async () => {
    const server = await lyingServer(serveArchive(archive, { body: anArchive() }))
    const { code, out } = await callSlipway(['pull', server.url, '--to', await temporaryDirectory()])
    expect([code, out]).to.deep.equal([4, ''])
  })

  it('exits with 5 where there is nothing, with 6 where the last good archive is in place, with 0 where that will do', async () => {
    const server = await lyingServer((_request, response) => response.writeHead(404).end())
    const to = await temporaryDirectory()
    expect((await callSlipway(['pull', server.url, '--to', to])).code).to.equal(5)
    server.answer = serveArchive(archive)
    const { out } = await callSlipway(['pull', server.url, '--to', to])
    server.answer = (_request, response) => response.writeHead(404).end()
    expect(await callSlipway(['pull', server.url, '--to', to])).to.include({ code: 6, out })
    expect(await callSlipway(['pull', server.url, '--to', to, '--offline-ok'])).to.include({ code: 0, out })
  })

  it('watches until SIGTERM, and exits with 0', async () => {
    const server = await lyingServer(serveArchive(archive))
    const to = await temporaryDirectory()
    const { code } = await runSlipway(['pull', server.url, '--to', to, '--watch', '--interval', '0.1'], {
      endAfter: '.tar.gz',
    })
    expect(code).to.equal(0)
    expect(Object.keys(await archivesOf(to))).to.have.length(1)
  })

  it('watches until Ctrl-C, and exits with 130', async () => {
    const server = await lyingServer(serveArchive(archive))
    const to = await temporaryDirectory()
    const { code } = await runSlipway(['pull', server.url, '--to', to, '--watch', '--interval', '0.1'], {
      endAfter: '.tar.gz',
      signal: 'SIGINT',
    })
    expect(code).to.equal(130)
    expect(await readdir(path.join(to, '.slipway'))).not.to.include('lock')
  })

  it('runs --on-change with the path, and keeps its output off standard output', async () => {
    const server = await lyingServer(serveArchive(archive))
    const to = await temporaryDirectory()
    const command = 'echo noise; echo "$SLIPWAY_PATH $SLIPWAY_RELEASE" > told'
    const { out, error } = await runSlipway(['pull', server.url, '--to', to, '--on-change', command], {
      cwd: to,
    })
    expect(await readFile(path.join(to, 'told'), 'utf8')).to.equal(`${out.trim()} 1\n`)
    expect(error).to.include('noise')
  })

  it('exits with 4 where --on-change says no', async () => {
    const server = await lyingServer(serveArchive(archive))
    const { code } = await callSlipway([
      'pull',
      server.url,
      '--to',
      await temporaryDirectory(),
      '--on-change',
      'exit 9',
    ])
    expect(code).to.equal(4)
  })

  it('reads endpoints.yml: address, token, headers and variables', async () => {
    const server = await lyingServer(serveArchive(archive))
    const cwd = await temporaryDirectory()
    const lines = [
      'models:',
      '  url: ${BASE}/m',
      '  token: s3cr t',
      '  token_name: key',
      '  headers: {X-Bot: shop}',
    ]
    await writeFile(path.join(cwd, 'endpoints.yml'), lines.join('\n'))
    const { code } = await callSlipway(['pull', '--endpoints', 'endpoints.yml', '--to', 'models'], {
      cwd,
      env: { BASE: server.origin },
    })
    expect(code).to.equal(0)
    expect(server.seen[0]).to.include({ url: '/m?key=s3cr+t' })
    expect(server.seen[0]?.headers['x-bot']).to.equal('shop')
  })

  it('asks once where endpoints.yml says null, even when it watches', async () => {
    const server = await lyingServer(serveArchive(archive))
    const cwd = await temporaryDirectory()
    await writeFile(
      path.join(cwd, 'e.yml'),
      `models:\n  url: ${server.url}\n  wait_time_between_pulls: null\n`,
    )
    expect(
      (await callSlipway(['pull', '--endpoints', 'e.yml', '--to', 'models', '--watch'], { cwd })).code,
    ).to.equal(0)
    expect(server.seen).to.have.length(1)
  })

  it('sends SLIPWAY_TOKEN to the origin of SLIPWAY_URL only', async () => {
    const server = await lyingServer(serveArchive(archive))
    const env = { SLIPWAY_TOKEN: 'secret', SLIPWAY_URL: server.origin }
    await callSlipway(['pull', server.url, '--to', await temporaryDirectory()], { env })
    await callSlipway(['pull', server.url, '--to', await temporaryDirectory()], {
      env: { ...env, SLIPWAY_URL: 'http://127.0.0.1:1' },
    })
    expect(server.seen.map(({ headers }) => headers.authorization)).to.deep.equal([
      'Bearer secret',
      undefined,
    ])
  })

  it('takes models/ for --model without a path', async () => {
    const cwd = await temporaryDirectory()
    const { code } = await callSlipway(['pull', '--to', 'there', '--model'], { cwd })
    expect(code).to.equal(5)
  })

  it('documents its exit codes and gives examples', async () => {
    const { code, out } = await callSlipway(['pull', '--help'])
    expect(code).to.equal(0)
    expect(out)
      .to.match(/Examples:/)
      .and.to.match(/Exit codes:\n {2}0/)
  })

  for (const [command, waits] of [
    ['promote', true],
    ['releases', false],
  ] as const) {
    it(`has ${waits ? '' : 'no '}exit codes of --wait in the help of ${command}, in 80 columns`, async () => {
      const { out } = await callSlipway([command, '--help'], { env: { COLUMNS: '80' } })
      expect(/^ {2}7 {3}/m.test(out)).to.equal(waits)
      expect(out.split('\n').filter((line) => line.length > 80)).to.deep.equal([])
    })
  }
})
