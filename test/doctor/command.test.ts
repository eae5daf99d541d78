import { writeFile } from 'node:fs/promises'
import path from 'node:path'
import { expect } from 'chai'
import { anArchive } from '../support/archive-builder.ts'
import { callSlipway } from '../support/call-slipway.ts'
import { aClock } from '../support/manual-clock.ts'
import { runSlipway } from '../support/run-slipway.ts'
import { aServer, type ServerUnderTest } from '../support/server-under-test.ts'
import { temporaryDirectory } from '../support/temporary-directory.ts'

async function serverWithModel(): Promise<ServerUnderTest> {
  const tokens = { pullToken: 'a-token-to-pull-with', publishToken: 'a-token-to-publish-with' }
  const server = await aServer({ ...tokens, clock: aClock(Date.now()) })
  await server.publish(anArchive({ payloadBytes: 5000 }))
  return server
}

async function endpointsFile(lines: string[]): Promise<string> {
  const file = path.join(await temporaryDirectory(), 'endpoints.yml')
  await writeFile(file, ['models:', ...lines.map((line) => `  ${line}`)].join('\n'))
  return file
}

describe('slipway doctor, as a command', function () {
  this.timeout(60_000)

  it('reads endpoints.yml as Rasa does, as a program of its own, says what works in order, and exits with 0', async () => {
    const { url } = await serverWithModel()
    const file = await endpointsFile([
      `url: ${url}/models/shop`,
      'token: a-token-to-pull-with',
      'params:',
      '  instance: pod-3',
    ])
    const { code, out, error } = await runSlipway(['doctor', file, '--slow', '1'])
    expect([code, error]).to.deep.equal([0, ''])
    const lines = out.trimEnd().split('\n')
    expect(lines[0]).to.equal(`${url}/models/shop, asked as Rasa asks it`)
    expect(lines.at(-1)).to.equal('A Rasa bot works here.')
    expect(lines.slice(1, -1).every((line) => line.startsWith('ok       '))).to.equal(true)
    expect(out).to.not.contain('a-token-to-pull-with')
  })

  it('warns of lines that Rasa does not read, and of a bot that asks once', async () => {
    const { url } = await serverWithModel()
    const file = await endpointsFile([
      `url: ${url}/models/shop?token=a-token-to-pull-with`,
      'wait_time_between_pulls: null',
      'waitTimeBetweenPulls: 10',
    ])
    const { code, out } = await callSlipway(['doctor', '--endpoints', file, '--slow', '0', '--json'])
    const { works, findings } = JSON.parse(out) as { works: boolean; findings: { code?: string }[] }
    expect([code, works]).to.deep.equal([0, true])
    const codes = findings.flatMap((finding) => finding.code ?? [])
    expect(codes).to.deep.equal(['endpoints-warning', 'pulls-once'])
  })

  it('exits with 1 where a bot would not work, and says what to do', async () => {
    const { url } = await serverWithModel()
    const { code, out } = await callSlipway(['doctor', `${url}/models/shop`])
    expect(code).to.equal(1)
    expect(out).to.match(/^ERROR {4}token-missing: The server wants a token/m)
    expect(out).to.match(/^ {9}Set token: in endpoints.yml/m)
    expect(out).to.match(/A Rasa bot would not work here: 1 error\./)
  })

  it('sends the token of this machine, and tries an upload where it is told to', async () => {
    const { url } = await serverWithModel()
    const env = { SLIPWAY_URL: url, SLIPWAY_TOKEN: 'a-token-to-publish-with' }
    const args = ['doctor', `${url}/models/shop`, '--slow', '0', '--publish', '2']
    const { code, out } = await callSlipway(args, { env })
    expect(code, out).to.equal(0)
    expect(out).to.contain('an upload of 2 MB reaches the server')
  })

  for (const [args, message] of [
    [[], 'nothing to diagnose'],
    [['http://a/models/b', '--store', 'aws'], 'more than one thing to diagnose'],
    [['ftp://a/b'], 'no http:// or https:// address'],
    [['http://a/models/b', '--model', 'x'], '--model belongs to --store'],
    [['nowhere.yml'], 'cannot be read'],
    [['--store', 'aws'], 'BUCKET_NAME'],
    [['http://a/models/b', '--slow', '121'], 'at most 120'],
    [['http://a/models/b', '--publish', '501'], 'from 1 to 500'],
  ] as const) {
    it(`exits with 2: ${args.join(' ')}`, async () => {
      const { code, error } = await callSlipway(['doctor', ...args])
      expect(code).to.equal(2)
      expect(error).to.contain(message)
    })
  }
})
