import { expect } from 'chai'
import { execFile, spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { glob, mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { createInterface } from 'node:readline'
import { promisify } from 'node:util'
import { anArchive } from '../support/archive-builder.ts'
import { onlyInLongForm } from '../support/long-form.ts'
import { programEnvironment } from '../support/program-environment.ts'
import { sharedCompile } from '../support/shared-compile.ts'
import { skipTest } from '../support/skip-test.ts'

const run = promisify(execFile)
const CHECKOUT = path.resolve(import.meta.dirname, '../..')
/** Of which the verifier of Sigstore has 270 kB. */
const MOST_CLIENT_BYTES = 5_000_000

/** The packages as a user gets them: packed, and installed into an empty project each. */
describe('the npm packages', function () {
  // Compiling and installing take a minute on an idle machine, and many on one that does other things.
  this.timeout(1_200_000)
  let folder = ''
  let archives: string[]
  const children: ChildProcess[] = []

  before(function () {
    onlyInLongForm(this, 'the program from its sources')
  })

  before(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'slipway-packages-'))
    const { stdout } = await run(path.join(CHECKOUT, 'scripts/package'), [
      path.join(folder, 'packed'),
      '--compiled',
      await sharedCompile(),
    ])
    archives = stdout.trim().split('\n')
  })

  before(async function () {
    const failures = await Promise.all([
      install(path.join(folder, 'with-server'), archives[0] ?? ''),
      install(path.join(folder, 'client-alone'), archives[1] ?? ''),
    ])
    const away = failures.find((failure) => /ENOTFOUND|EAI_AGAIN|ETIMEDOUT|ECONNREFUSED/.test(failure ?? ''))
    if (away !== undefined) {
      skipTest(this, `the package registry cannot be reached: ${away.split('\n')[0] ?? ''}`)
    }
    expect(failures).to.deep.equal([undefined, undefined])
  })

  after(async () => {
    for (const child of children) child.kill('SIGKILL')
    if (folder !== '') await rm(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 50 })
  })

  it('hold compiled code alone: no source that Node would refuse, and no test', async () => {
    for (const file of await listed(path.join(folder, 'packed/slipway'))) {
      // The bundled dashboard: styles, the names of its files, and the licences of what is in it.
      if (/^dashboard\/built\/(?:LICENSES|package\.json|assets\.json|assets\/[\w-]+\.css)$/.test(file))
        continue
      expect(file).to.match(
        /\.(?:js|d\.ts|js\.map|py)$|^(?:package\.json|README\.md|LICENSE|systemd\/slipway\.service)$/,
      )
      expect(file).not.to.match(/(?:^|\/)test|^scripts\//)
    }
  })

  it('serve, publish, promote, pull, back up and restore', async () => {
    const project = path.join(folder, 'with-server')
    const { url, child } = await serve(project, { DATA_DIR: 'data' })
    await writeFile(path.join(project, 'model.tar.gz'), anArchive({ payloadBytes: 100_000 }))
    const environment = { SLIPWAY_URL: url }
    expect(await slipway(project, ['--version'])).to.match(/^\d+\.\d+\.\d+\n$/)
    // The archive's metadata is read by a worker of its own file; so is the catalog copied for a backup.
    await slipway(project, ['push', 'model.tar.gz', '--model', 'shop', '--tag', 'production'], environment)
    await slipway(project, ['promote', 'shop@production', '1'], environment)
    const pulled = await slipway(path.join(folder, 'client-alone'), [
      'pull',
      `${url}/models/shop@production`,
      '--to',
      'models',
    ])
    expect(await readFile(pulled.trim())).to.deep.equal(await readFile(path.join(project, 'model.tar.gz')))
    await slipway(project, ['backup', 'kept'], { DATA_DIR: 'data' })
    child.kill('SIGTERM')
    expect(await once(child, 'close')).to.deep.equal([0, null])
    await slipway(project, ['restore', 'kept'], { DATA_DIR: 'restored' })
    const second = await serve(project, { DATA_DIR: 'restored' })
    const releases = await slipway(project, ['releases', 'shop', '--json'], { SLIPWAY_URL: second.url })
    expect(JSON.parse(releases)).to.include({ number: 1, model: 'shop' })
  })

  it('offer both libraries with their types', async () => {
    await typeCheck(folder, { 'with-server': SERVER_PROGRAM, 'client-alone': CLIENT_PROGRAM })
  })

  it('mount a whole server in an Express application', async () => {
    const project = path.join(folder, 'with-server')
    await writeFile(path.join(project, 'app.mjs'), EXPRESS_APPLICATION)
    const { stdout } = await run(process.execPath, ['app.mjs'], { cwd: project })
    expect(stdout.split('\n')).to.include('200 /models-of-ours/api/v1/models/shop/releases/1')
  })

  it('leave the server, its packages and the clouds out of the client, which stays below 5 MB', async () => {
    const modules = path.join(folder, 'client-alone/node_modules')
    let bytes = 0
    for (const file of await listed(modules)) bytes += (await stat(path.join(modules, file))).size
    expect(bytes).to.be.lessThan(MOST_CLIENT_BYTES)
    for (const [args, advice] of [
      [['serve'], 'npm install slipway'],
      [
        ['pull', '--remote-storage', 'aws', '--model', 'shop.tar.gz', '--to', 'models'],
        'npm install @aws-sdk/client-s3',
      ],
    ] as const) {
      const failed = await slipway(path.join(folder, 'client-alone'), [...args], {
        BUCKET_NAME: 'models',
        AWS_DEFAULT_REGION: 'eu-central-1',
      }).then(
        () => expect.fail('it succeeded'),
        (error: unknown) => error as { code: number; stderr: string },
      )
      expect(failed.code).to.equal(2)
      expect(failed.stderr).to.include(advice)
    }
  })

  async function serve(
    project: string,
    environment: Record<string, string>,
  ): Promise<{ url: string; child: ChildProcess }> {
    const child = spawn(path.join(project, 'node_modules/.bin/slipway'), ['serve'], {
      cwd: project,
      env: { ...programEnvironment(), PORT: '0', ...environment },
      stdio: ['ignore', 'pipe', 'ignore'],
    })
    children.push(child)
    for await (const line of createInterface(child.stdout)) {
      const { msg, url } = JSON.parse(line) as { msg: string; url?: string }
      if (msg !== 'listening' || url === undefined) continue
      child.stdout.resume()
      return { url, child }
    }
    throw new Error('The server ended before it listened')
  }
})

/** Installs an archive into an empty project. @returns what npm says where it fails. */
async function install(project: string, archive: string): Promise<string | undefined> {
  await mkdir(project)
  await writeFile(path.join(project, 'package.json'), '{"private": true, "type": "module"}')
  // The libraries of the clouds would take most of the time.
  const options = ['--prefer-offline', '--no-audit', '--no-fund', '--ignore-scripts', '--omit=optional']
  return run('npm', ['install', '--loglevel=error', ...options, archive], { cwd: project }).then(
    () => undefined,
    (error: unknown) => (error as { stderr: string }).stderr,
  )
}

async function slipway(
  project: string,
  args: string[],
  environment: Record<string, string> = {},
): Promise<string> {
  const { stdout } = await run(path.join(project, 'node_modules/.bin/slipway'), args, {
    cwd: project,
    env: { ...programEnvironment(), ...environment },
  })
  return stdout
}

async function listed(folder: string): Promise<string[]> {
  const files: string[] = []
  for await (const entry of glob('**/*', { cwd: folder, withFileTypes: true })) {
    if (entry.isFile()) files.push(path.relative(folder, path.join(entry.parentPath, entry.name)))
  }
  return files
}

/** Checks programs of TypeScript, by their projects, against what is installed there: all at once, as reading Node's types takes longest. */
async function typeCheck(folder: string, programs: Record<string, string>): Promise<void> {
  const files = Object.keys(programs).map((project) => path.join(project, 'program.ts'))
  for (const [project, program] of Object.entries(programs)) {
    await writeFile(path.join(folder, project, 'program.ts'), program)
  }
  const options = ['--strict', '--noEmit', '--module', 'nodenext', '--target', 'es2024', '--skipLibCheck']
  const types = ['--types', 'node', '--typeRoots', path.join(CHECKOUT, 'node_modules/@types')]
  const tsc = path.join(CHECKOUT, 'node_modules/.bin/tsc')
  await run(tsc, [...options, ...types, ...files], { cwd: folder }).catch((error: unknown) => {
    expect.fail((error as { stdout: string }).stdout)
  })
}

const CLIENT_PROGRAM = `
import { Puller, serverSource, type PullEvent } from 'slipway-client'
const puller = new Puller({ source: serverSource({ url: 'http://127.0.0.1:1/models/shop' }), to: 'models' })
export const event: PullEvent = await puller.pull()
// @ts-expect-error: the types are there, so a folder that is a number is a mistake
new Puller({ source: serverSource({ url: 'http://127.0.0.1:1/models/shop' }), to: 1 })
`

const SERVER_PROGRAM = `
import { createServer } from 'node:http'
import { slipway, type EmbeddedServer } from 'slipway/server'
import { Puller } from 'slipway/client'
const server: EmbeddedServer = slipway({ DATA_DIR: 'data', SLIPWAY_KEEP_RELEASES: 5 })
createServer(server)
export const puller: typeof Puller = Puller
// @ts-expect-error: the types are there, so a misspelt setting is a mistake
slipway({ SLIPWAY_KEEP_RELEASE: 5 })
`

/** Express 5 is there because the package brings it; the archive comes from the test beside it. */
const EXPRESS_APPLICATION = `
import { readFile } from 'node:fs/promises'
import express from 'express'
import { slipway } from 'slipway/server'

const app = express()
const models = slipway({ HOST: '127.0.0.1', DATA_DIR: 'embedded', MODELS_DIR: 'embedded-inbox' })
app.use('/models-of-ours', models)
const http = app.listen(0, '127.0.0.1', async () => {
  const url = 'http://127.0.0.1:' + http.address().port + '/models-of-ours/models/shop'
  const published = await fetch(url, { method: 'POST', body: await readFile('model.tar.gz') })
  const polled = await fetch(url, { headers: { 'If-None-Match': '9f86d081884c4d63a159d1a1b2c3d4e5' } })
  await polled.arrayBuffer()
  await models.close()
  http.close()
  http.closeAllConnections()
  console.log(polled.status + ' ' + published.headers.get('location'))
})
`
