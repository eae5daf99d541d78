import { writeFile } from 'node:fs/promises'
import path from 'node:path'
import { expect } from 'chai'
import { ConfigError, loadConfig } from '../../../server/config/config.ts'
import { isLoopback } from '../../../server/config/is-loopback.ts'
import { describeSettings, SETTINGS } from '../../../server/config/settings.ts'
import { temporaryDirectory } from '../../support/temporary-directory.ts'

type Env = Record<string, string | undefined>

function mistakesOf(env: Env): readonly string[] {
  try {
    return loadConfig(env, '/srv').missingTokens
  } catch (error) {
    if (error instanceof ConfigError) return error.mistakes
    throw error
  }
}

describe('the configuration', () => {
  it('needs nothing: loopback, port 5080, folders beside the checkout', () => {
    expect(loadConfig({}, '/srv')).to.include({
      host: '127.0.0.1',
      port: 5080,
      dataDir: '/srv/data',
      modelsDir: '/srv/models',
      logLevel: 'info',
      track: true,
      maxArchiveBytes: 4 * 1024 ** 3,
      maxUploads: 32,
    })
  })

  it('takes an empty value as not set', () => {
    expect(loadConfig({ PORT: '', SLIPWAY_PULL_TOKEN: '', HOST: '' }, '/srv')).to.include({
      port: 5080,
      host: '127.0.0.1',
      pullToken: undefined,
    })
  })

  it('reports all mistakes together', () => {
    const mistakes = mistakesOf({
      HOST: '0.0.0.0',
      PORT: '99999',
      LOG_LEVEL: 'loud',
      SLIPWAY_MAX_RATIO: '-1',
      SLIPWAY_MAX_ARCHIVE_BYTES: '4 gigs',
      SLIPWAY_PULL_TOKENS: 'x',
    })
    const about = mistakes.map((mistake) => mistake.split(':')[0])
    expect(about).to.have.members([
      'PORT',
      'LOG_LEVEL',
      'SLIPWAY_MAX_RATIO',
      'SLIPWAY_MAX_ARCHIVE_BYTES',
      'SLIPWAY_PULL_TOKENS',
      'SLIPWAY_PUBLISH_TOKEN',
      'SLIPWAY_PULL_TOKEN',
    ])
  })

  it('refuses an unknown SLIPWAY_ name, and guesses which was meant', () => {
    expect(mistakesOf({ SLIPWAY_PULL_TOKE: 'x' })[0]).to.include('SLIPWAY_PULL_TOKEN')
  })

  it('does not mind what the CLI reads, nor what Kubernetes injects for a Service named slipway', () => {
    const injected = {
      SLIPWAY_URL: 'http://x',
      SLIPWAY_TOKEN: 'x',
      SLIPWAY_PORT: 'tcp://10.0.0.1:5080',
      SLIPWAY_PORT_5080_TCP: 'tcp://10.0.0.1:5080',
      SLIPWAY_PORT_5080_TCP_ADDR: '10.0.0.1',
      SLIPWAY_SERVICE_HOST: '10.0.0.1',
      SLIPWAY_SERVICE_PORT: '5080',
      SLIPWAY_SERVICE_PORT_HTTP: '5080',
      HOME: '/root',
    }
    expect(mistakesOf(injected)).to.deep.equal([])
    expect(loadConfig(injected, '/srv').port).to.equal(5080)
  })

  it('takes no length of time beyond what a timer can wait', () => {
    for (const [name, most] of [
      ['SLIPWAY_IMPORT_INTERVAL', 604_800],
      ['SLIPWAY_GRACE_MINUTES', 525_600],
      ['SLIPWAY_KEEP_DAYS', 36_500],
    ] as const) {
      expect(mistakesOf({ [name]: String(most) })).to.deep.equal([])
      for (const text of [String(most + 1), '9'.repeat(400), '0', '1.5']) {
        expect(mistakesOf({ [name]: text })[0])
          .to.include(name)
          .and.include(`from 1 to ${most}`)
      }
    }
  })

  it('takes hosts for probes as names, addresses and patterns, and refuses what is none', () => {
    const { probeHosts } = loadConfig(
      { SLIPWAY_PROBE_HOSTS: '*.Bots.svc, gateway.example.com,10.0.0.7,[::1],*' },
      '/srv',
    )
    expect(probeHosts).to.deep.equal(['*.bots.svc', 'gateway.example.com', '10.0.0.7', '[::1]', '*'])
    expect(loadConfig({}, '/srv').probeHosts).to.deep.equal([])
    for (const text of [
      'http://bots.svc',
      'bots.svc:5005',
      'a,,b',
      'b*.svc',
      '{bot}.svc',
      '**',
      'bots.svc.',
      'a_b',
    ]) {
      expect(mistakesOf({ SLIPWAY_PROBE_HOSTS: text })[0], text).to.match(
        /^SLIPWAY_PROBE_HOSTS: .*is no host/,
      )
    }
  })

  it('refuses tokens that no Authorization header carries', () => {
    for (const token of ['two words', 'tab\there', 'größe', 'line\n', ' x']) {
      expect(mistakesOf({ SLIPWAY_PUBLISH_TOKEN: token })[0]).to.match(/^SLIPWAY_PUBLISH_TOKEN: .*blanks/)
    }
  })

  it('warns of tokens that are short enough to be guessed', () => {
    const warningsOf = (token: string) => loadConfig({ SLIPWAY_PULL_TOKEN: token }, '/srv').warnings
    expect(warningsOf('x'.repeat(15))).to.have.length(1)
    expect(warningsOf('x'.repeat(15))[0]).to.match(/^SLIPWAY_PULL_TOKEN: .*16/)
    expect(warningsOf('x'.repeat(16))).to.deep.equal([])
    expect(loadConfig({}, '/srv').warnings).to.deep.equal([])
  })

  describe('tokens in files', () => {
    it('are read at start, without the line end', async () => {
      const folder = await temporaryDirectory()
      await writeFile(path.join(folder, 'token'), `${'p'.repeat(20)}\n`)
      const { publishToken, pullToken } = loadConfig({ SLIPWAY_PUBLISH_TOKEN_FILE: 'token' }, folder)
      expect([publishToken, pullToken]).to.deep.equal(['p'.repeat(20), undefined])
    })

    it('are refused where they are empty, not there, or contradicted, and are not shown', async () => {
      const folder = await temporaryDirectory()
      await writeFile(path.join(folder, 'empty'), '\n')
      await writeFile(path.join(folder, 'secret'), 'hidden-token-hidden-token')
      const mistakesIn = (env: Record<string, string>) => {
        try {
          loadConfig(env, folder)
        } catch (error) {
          return (error as ConfigError).mistakes.join('\n')
        }
        return expect.fail('it was taken')
      }
      expect(mistakesIn({ SLIPWAY_PULL_TOKEN_FILE: 'empty' })).to.include('empty is empty')
      expect(mistakesIn({ SLIPWAY_PULL_TOKEN_FILE: 'none' })).to.match(
        /^SLIPWAY_PULL_TOKEN_FILE: cannot be read/,
      )
      const both = mistakesIn({ SLIPWAY_PULL_TOKEN_FILE: 'secret', SLIPWAY_PULL_TOKEN: 'x'.repeat(20) })
      expect(both).to.include('contradicts SLIPWAY_PULL_TOKEN').and.not.include('hidden')
    })
  })

  it('never shows a secret', () => {
    const secret = 'hunter2-hunter2'
    for (const env of [
      { HOST: '0.0.0.0', SLIPWAY_PULL_TOKEN: secret },
      { SLIPWAY_PULL_TOKEN: secret, SLIPWAY_PUBLISH_TOKEN: secret },
      { SLIPWAY_PUBLISH_TOKEN: `${secret}\n` },
      { SLIPWAY_PUBLISH_TOKEN: ` ${secret}` },
      { SLIPWAY_PULL_TOKEN: `${secret}é` },
    ]) {
      const mistakes = mistakesOf(env)
      expect(mistakes.length, JSON.stringify(env)).to.be.greaterThan(0)
      expect(mistakes.join('\n')).to.not.include('hunter2')
    }
  })

  const beyond = { HOST: '0.0.0.0' }
  const rules: [what: string, env: Env, wrong: string[]][] = [
    ['beyond loopback without tokens', beyond, ['SLIPWAY_PUBLISH_TOKEN', 'SLIPWAY_PULL_TOKEN']],
    [
      'beyond loopback with a publish token alone',
      { ...beyond, SLIPWAY_PUBLISH_TOKEN: 'a' },
      ['SLIPWAY_PULL_TOKEN'],
    ],
    [
      'beyond loopback with a pull token alone',
      { ...beyond, SLIPWAY_PULL_TOKEN: 'a' },
      ['SLIPWAY_PUBLISH_TOKEN'],
    ],
    ['beyond loopback with both', { ...beyond, SLIPWAY_PULL_TOKEN: 'a', SLIPWAY_PUBLISH_TOKEN: 'b' }, []],
    ['with pulls open to all', { ...beyond, SLIPWAY_ANONYMOUS: 'pull', SLIPWAY_PUBLISH_TOKEN: 'b' }, []],
    ['with pulls open and nothing else', { ...beyond, SLIPWAY_ANONYMOUS: 'pull' }, ['SLIPWAY_PUBLISH_TOKEN']],
    ['with a contradiction', { SLIPWAY_ANONYMOUS: 'pull', SLIPWAY_PULL_TOKEN: 'a' }, ['SLIPWAY_ANONYMOUS']],
    [
      'with one token for both',
      { SLIPWAY_PULL_TOKEN: 'a', SLIPWAY_PUBLISH_TOKEN: 'a' },
      ['SLIPWAY_PULL_TOKEN'],
    ],
    ['on loopback without tokens', {}, []],
    ['with an unknown kind of anonymity', { SLIPWAY_ANONYMOUS: 'publish' }, ['SLIPWAY_ANONYMOUS']],
  ]
  for (const [what, env, wrong] of rules) {
    it(`${what} ${wrong.length === 0 ? 'is right' : `has mistakes in ${wrong.join(', ')}`}`, () => {
      expect(mistakesOf(env).map((mistake) => mistake.split(':')[0])).to.deep.equal(wrong)
    })
  }

  it('knows which addresses are this machine alone', () => {
    for (const host of ['127.0.0.1', '127.1.2.3', 'localhost', '::1'])
      expect(isLoopback(host), host).to.equal(true)
    for (const host of ['0.0.0.0', '::', '10.0.0.1', '127.0.0.1.evil.example', 'slipway']) {
      expect(isLoopback(host), host).to.equal(false)
    }
  })

  it('is listed whole in the help, each variable with its default', () => {
    const text = describeSettings()
    for (const [name, { default: standard, description }] of Object.entries(SETTINGS)) {
      expect(text).to.match(new RegExp(`^ +${name} `, 'm'))
      expect(text).to.include(description)
      expect(text).to.include(`Default: ${standard}`)
    }
  })
})
