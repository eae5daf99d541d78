import { expect } from 'chai'
import { execFile, spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { glob, mkdir, mkdtemp, readFile, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { createInterface } from 'node:readline'
import { promisify } from 'node:util'
import { PromiseKeeper } from '../e2e/promise-keeper.ts'
import { onlyInLongForm } from '../support/long-form.ts'
import { sharedCompile } from '../support/shared-compile.ts'
import { skipTest } from '../support/skip-test.ts'

const run = promisify(execFile)
const CHECKOUT = path.resolve(import.meta.dirname, '../..')

interface ImageConfig {
  User: string
  Env: string[]
  Entrypoint: string[]
  Cmd: string[]
  Healthcheck: { Test: string[] }
}

/** The image as a runtime would run it: its own files and nothing else, read-only but for its volumes, as its own user. */
describe('the container image', function () {
  // Compiling takes some seconds on an idle machine, and minutes on one that does other things.
  this.timeout(1_200_000)
  let folder = ''
  let config: ImageConfig
  const containers: ChildProcess[] = []

  before(async function () {
    onlyInLongForm(this, 'the program from its sources')
    const canMount = await run('unshare', ['--mount', 'true']).then(
      () => process.getuid?.() === 0,
      () => false,
    )
    if (!canMount)
      skipTest(this, 'running an image without a runtime needs root and mount namespaces, on Linux')
    folder = await mkdtemp(path.join(tmpdir(), 'slipway-image-'))
    await run(path.join(CHECKOUT, 'scripts/image'), [
      path.join(folder, 'image'),
      '--compiled',
      await sharedCompile(),
    ])
    config = await unpack()
  })

  after(async () => {
    for (const container of containers) container.kill('SIGKILL')
    if (folder !== '') await rm(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 50 })
  })

  it('keeps every promise, killed again and again', async () => {
    const keeper = new PromiseKeeper()
    for (let kills = 0; kills < 3 || keeper.acknowledged < 5; kills += 1) {
      const { url, container } = await start()
      await keeper.verify(url)
      for (let publishes = 0; publishes < 2; publishes += 1) await keeper.publish(url)
      await keeper.promote(url)
      const cut = Promise.all([keeper.publish(url), keeper.pull(url, 'production')])
      const ended = once(container, 'close')
      container.kill('SIGKILL')
      await Promise.all([cut, ended])
    }
    const { url, container } = await start()
    await keeper.verify(url)
    container.kill('SIGTERM')
    expect(await once(container, 'close')).to.deep.equal([0, null])
  })

  it('runs as a user without rights on a root that nobody can write, and is found healthy', async () => {
    const { port, container } = await start()
    const status = await readFile(`/proc/${container.pid ?? 0}/status`, 'utf8')
    expect(status).to.match(/^Uid:\s+10001\s+10001\s+10001\s+10001$/m)
    expect(status).to.match(/^Groups:\s*$/m)
    const [, ...check] = config.Healthcheck.Test
    expect(await exitOf(contain(check, { PORT: String(port), HOST: '127.0.0.1' }))).to.equal(0)
    const write = ['/usr/bin/node', '-e', 'require("fs").writeFileSync("/app/x", "")']
    expect(await exitOf(contain(write))).to.equal(1)
    container.kill('SIGKILL')
    await once(container, 'close')
    expect(await exitOf(contain(check, { PORT: String(port), HOST: '127.0.0.1' }))).to.equal(1)
  })

  it('belongs to root, readable by everybody, but for its volumes and /tmp', async () => {
    const root = path.join(folder, 'root')
    const { uid, mode } = await stat(root)
    expect([uid, mode & 0o022]).to.deep.equal([0, 0])
    const { stdout } = await run('find', [
      root,
      '-xdev',
      '(',
      '-not',
      '-user',
      '0',
      '-o',
      '-perm',
      '/6022',
      '-o',
      '-not',
      '-perm',
      '-444',
      ')',
      '-not',
      '-type',
      'l',
      '-printf',
      '%P\\n',
    ])
    expect(stdout.trim().split('\n').sort()).to.deep.equal(['data', 'models', 'tmp'])
  })

  it('holds no tests, neither of ours nor of packages', async () => {
    for await (const file of glob('app/**/*', { cwd: path.join(folder, 'root') })) {
      expect(file).not.to.match(/\/(?:tests?|__tests__)\/|\.test\.[cm]?[jt]s$/)
    }
  })

  it('does not start without tokens where others can reach it', async () => {
    expect(await exitOf(contain([...config.Entrypoint, ...config.Cmd]))).to.equal(2)
  })

  it('is a puller too', async () => {
    expect(await exitOf(contain([...config.Entrypoint, 'pull', '--help']))).to.equal(0)
  })

  /** Lays the layers over each other, as the manifest names them. */
  async function unpack(): Promise<ImageConfig> {
    const layout = path.join(folder, 'image/layout')
    const blob = (digest: string): string => path.join(layout, 'blobs', digest.replace(':', '/'))
    const read = async (file: string): Promise<unknown> => JSON.parse(await readFile(file, 'utf8'))
    const index = (await read(path.join(layout, 'index.json'))) as { manifests: { digest: string }[] }
    const manifest = (await read(blob(index.manifests[0]?.digest ?? ''))) as {
      config: { digest: string }
      layers: { digest: string }[]
    }
    const root = path.join(folder, 'root')
    await mkdir(root)
    for (const { digest } of manifest.layers) {
      await run('tar', ['--extract', '--gzip', '--file', blob(digest), '--directory', root])
    }
    for (const name of ['dev', 'proc']) await mkdir(path.join(root, name))
    await mkdir(path.join(folder, 'volumes'))
    await run('cp', ['-a', path.join(root, 'data'), path.join(root, 'models'), path.join(folder, 'volumes')])
    return ((await read(blob(manifest.config.digest))) as { config: ImageConfig }).config
  }

  async function start(): Promise<{ url: string; port: number; container: ChildProcess }> {
    const container = contain([...config.Entrypoint, ...config.Cmd], { PORT: '0', HOST: '127.0.0.1' })
    if (container.stdout === null) throw new TypeError('the container has no output')
    for await (const line of createInterface(container.stdout)) {
      const { msg, url } = JSON.parse(line) as { msg: string; url?: string }
      if (msg !== 'listening' || url === undefined) continue
      container.stdout.resume()
      return { url, port: Number(new URL(url).port), container }
    }
    throw new Error('The container ended before it listened')
  }

  /** What a runtime does, in short: mounts of its own, a read-only root, the volumes, another user. */
  function contain(command: readonly string[], environment: Record<string, string> = {}): ChildProcess {
    const root = path.join(folder, 'root')
    const script = `
      mount --bind "$1" "$1"
      mount --rbind /dev "$1/dev"
      mount --rbind /proc "$1/proc"
      for volume in data models; do mount --bind "$2/$volume" "$1/$volume"; done
      mount -o remount,bind,ro "$1"
      root=$1; shift 2
      exec chroot --userspec=${config.User} --groups= "$root" "$@"`
    const variables = Object.fromEntries(config.Env.map((line) => line.split('=', 2) as [string, string]))
    const container = spawn(
      'unshare',
      ['--mount', 'bash', '-euc', script, 'contain', root, path.join(folder, 'volumes'), ...command],
      {
        env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', ...variables, ...environment },
        stdio: ['ignore', 'pipe', 'ignore'],
      },
    )
    containers.push(container)
    return container
  }
})

async function exitOf(child: ChildProcess): Promise<number | null> {
  child.stdout?.resume()
  const [code] = (await once(child, 'close')) as [number | null]
  return code
}
