import { execFile } from 'node:child_process'
import { readdir, readFile, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { expect } from 'chai'
import { snapshotCatalog } from '../../server/tools/backup/snapshot-catalog.ts'
import { rejection } from '../contracts/catalog-support.ts'
import { anArchive } from '../support/archive-builder.ts'
import { aServer } from '../support/server-under-test.ts'
import { temporaryDirectory } from '../support/temporary-directory.ts'
import { publishTo, releasesOf, serveFolder } from './data-server.ts'
import { programEnvironment } from '../support/program-environment.ts'
import { programPath } from '../support/program-path.ts'

interface Outcome {
  code: number
  output: string
  complaints: string
}

/** Runs `slipway ARGS` as a program. */
function slipway(args: string[], env: Record<string, string> = {}): Promise<Outcome> {
  const main = programPath('client/cli/main.ts')
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      [main, ...args],
      { env: { ...programEnvironment(), ...env } },
      (error, output, complaints) => {
        resolve({ code: typeof error?.code === 'number' ? error.code : 0, output, complaints })
      },
    )
  })
}

describe('the commands of upkeep', function () {
  this.timeout(60_000)

  it('prune says what would go and why the rest stays, then does it', async () => {
    const server = await aServer()
    for (let number = 1; number <= 7; number++) await server.publish(anArchive())
    const env = { SLIPWAY_URL: server.url }
    const dry = await slipway(['prune', 'shop', '--keep-releases', '2', '--dry-run'], env)
    expect(dry.output).to.match(/shop: 2 would go .*, 5 stay/)
    expect(dry.output)
      .to.match(/tagged latest, .*among the newest/)
      .and.to.contain('in the history of latest')
    const done = await slipway(['prune', '--keep-releases', '2', '--json'], env)
    expect(JSON.parse(done.output)).to.deep.include({ model: 'shop', dryRun: false })
    expect(await releasesOf(server.url)).to.have.length(5)
    expect(await slipway(['prune', 'shop'], env)).to.include({ code: 2 })
  })

  it('verify exits with 4 where something is damaged, names its releases, and says what to do', async () => {
    const server = await aServer()
    const { digest } = await server.publish(anArchive())
    const env = { SLIPWAY_URL: server.url }
    expect(await slipway(['verify'], env)).to.include({ code: 0 })
    await rm(server.blobFile(digest))
    const found = await slipway(['verify', '--slice', '1/1'], env)
    expect(found.code).to.equal(4)
    expect(found.output)
      .to.contain(`  missing  ${digest}  shop#1\n`)
      .and.to.match(/\nPublish the same bytes again to repair .*\n$/)
    expect(await slipway(['verify', '--slice', '2/1'], env)).to.include({ code: 2 })
  })

  it('backup and restore say what they did', async () => {
    const at = await temporaryDirectory()
    const [dataDir, folder] = [path.join(at, 'data'), path.join(at, 'backup')]
    const { url, stop } = await serveFolder(dataDir)
    await publishTo(url, anArchive())
    const env = { DATA_DIR: dataDir }
    const backup = await slipway(['backup', folder], env)
    expect(backup).to.include({ code: 0 })
    expect(backup.output).to.contain('1 archives (1 new)')
    expect(await slipway(['restore', folder, '--replace'], env)).to.include({ code: 3 })
    await stop()
    expect(await slipway(['restore', folder], env)).to.include({ code: 2 })
    await rm(dataDir, { recursive: true })
    const restored = await slipway(['restore', folder], env)
    expect(restored.output).to.contain('shop goes on with release 2001 (it would have been 2)')
    await writeFile(path.join(folder, 'manifest.json'), '{}')
    expect(await slipway(['restore', folder, '--replace'], env)).to.include({ code: 4 })
    expect((await slipway(['backup', '--help'])).output).to.contain('Usage: slipway backup PLACE')
    expect(await slipway(['backup'], env)).to.include({ code: 2 })
    expect(await slipway(['backup', folder], { ...env, STORAGE: 'aws' })).to.include({ code: 2 })
  })

  it('export and import carry a model over to another server, and can be repeated', async () => {
    const folder = path.join(await temporaryDirectory(), 'export')
    const [from, to] = [await aServer(), await aServer()]
    const [one, two, three] = [anArchive(), anArchive(), anArchive()]
    for (const archive of [one, two, three, one]) await from.publish(archive)
    await from.request.put('/api/v1/models/shop/tags/production').send({ release: 2 })
    await from.request.patch('/api/v1/models/shop').send({ defaultTag: 'production' })
    const exported = await slipway(['export', 'shop', folder, '--json'], { SLIPWAY_URL: from.url })
    expect(JSON.parse(exported.output)).to.include({ releases: 4, tags: 2 })
    expect(await readdir(path.join(folder, 'archives'))).to.have.length(3)

    for (let time = 1; time <= 2; time++)
      expect(await slipway(['import', folder], { SLIPWAY_URL: to.url })).to.include({ code: 0 })
    const releases = await releasesOf(to.url)
    expect(releases.map(({ number }) => number)).to.deep.equal([3, 2, 1])
    expect(releases[1]!.notes).to.contain('release 2 of shop')
    const pulled = await to.request.get('/models/shop').responseType('blob')
    expect(two.equals(pulled.body as Buffer)).to.equal(true)
    await rm(path.join(folder, 'model.json'))
    expect(await slipway(['import', folder], { SLIPWAY_URL: to.url })).to.include({ code: 2 })
  })

  it('export leaves the export of another model as it is', async () => {
    const folder = await temporaryDirectory()
    const server = await aServer()
    await server.publish(anArchive())
    await server.request.post('/models/cafe').send(anArchive())
    expect(await slipway(['export', 'shop', folder], { SLIPWAY_URL: server.url })).to.include({ code: 0 })
    const refused = await slipway(['export', 'cafe', folder], { SLIPWAY_URL: server.url })
    expect(refused.code).to.equal(2)
    expect(refused.complaints).to.contain('holds an export of the model "shop"')
    expect(await readFile(path.join(folder, 'model.json'), 'utf8')).to.contain('"model": "shop"')
  })

  it('export, restore and backup exit with 3 where they cannot write', async () => {
    const at = await temporaryDirectory()
    const file = path.join(at, 'file')
    await writeFile(file, 'a file')
    const server = await aServer()
    await server.publish(anArchive())
    const exported = await slipway(['export', 'shop', file], { SLIPWAY_URL: server.url })
    expect(exported).to.include({ code: 3 })
    expect(exported.complaints).to.match(/^error: this machine's disk: .*ENOTDIR.*\n$/)

    expect(await slipway(['restore', at], { DATA_DIR: file })).to.include({ code: 3 })
    const dataDir = path.join(at, 'data')
    const { stop } = await serveFolder(dataDir)
    await stop()
    const reason = await rejection(
      snapshotCatalog({ file: path.join(dataDir, 'catalog.sqlite') }, path.join(at, 'none'), 'copy'),
    )
    expect(reason).to.include({ name: 'ToolFailure', exit: 3 })
  })

  it('say whether a token is missing or unknown', async () => {
    const { url } = await aServer({ publishToken: 'the-token-to-publish' })
    const env = { SLIPWAY_URL: url }
    expect((await slipway(['status'], env)).complaints).to.contain('SLIPWAY_TOKEN is not set')
    const other = await slipway(['status'], { ...env, SLIPWAY_TOKEN: 'another' })
    expect(other.complaints).to.contain('SLIPWAY_TOKEN holds a token that this server does not know')
  })
})
