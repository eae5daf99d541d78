import { expect } from 'chai'
import { botSchema } from '../../../protocol/bot.ts'
import { anArchive } from '../../support/archive-builder.ts'
import { callSlipway } from '../../support/call-slipway.ts'
import { aServer, type ServerUnderTest } from '../../support/server-under-test.ts'

const PROCESS = '0f8fad5bd9cb469fa16570867728950e'

/** A server whose release 1 was loaded by pod-1. */
async function aServerWithABot(): Promise<ServerUnderTest> {
  const server = await aServer()
  await server.publish(anArchive())
  const poll = (etag: string) =>
    fetch(`${server.url}/models/shop?instance=pod-1`, { headers: { 'If-None-Match': etag } })
  const offered = await poll(PROCESS)
  await offered.arrayBuffer()
  expect((await poll(String(offered.headers.get('etag')))).status).to.equal(304)
  return server
}

describe('slipway bots', () => {
  it('shows a bot that has polled, what it runs, and with --json what the API says', async () => {
    const { url } = await aServerWithABot()
    const env = { SLIPWAY_URL: url }
    const { code, out, error } = await callSlipway(['bots'], { env })
    expect(code, error).to.equal(0)
    expect(out).to.match(/^1 bot: 1 running\n\nBOT .*\npod-1 +shop@latest +running +1 /)
    const json = await callSlipway(['bots', '--json'], { env })
    expect(botSchema.parse(JSON.parse(json.out))).to.include({ bot: 'pod-1', state: 'running', release: 1 })
  })

  it('shows one bot by its name, with its processes', async () => {
    const { url } = await aServerWithABot()
    const { code, out } = await callSlipway(['bots', 'pod-1'], { env: { SLIPWAY_URL: url } })
    expect(code).to.equal(0)
    expect(out)
      .to.match(/^pod-1: running, runs 1 of shop@latest\n/)
      .and.include(PROCESS)
  })

  it('ends with 9 for a bot that nobody heard of, and with 2 for a state that there is not', async () => {
    const { url } = await aServer()
    const env = { SLIPWAY_URL: url }
    expect((await callSlipway(['bots', 'pod-9'], { env })).code).to.equal(9)
    expect((await callSlipway(['bots', '--state', 'asleep'], { env })).code).to.equal(2)
  })

  it('tells bots that no option matches apart from no bots at all', async () => {
    const { url } = await aServerWithABot()
    const env = { SLIPWAY_URL: url }
    const { code, out } = await callSlipway(['bots', '--state', 'failing'], { env })
    expect({ code, out: out.trim() }).to.deep.equal({
      code: 0,
      out: 'no bot matches; slipway bots shows all',
    })
    const server = await aServer()
    const none = await callSlipway(['bots'], { env: { SLIPWAY_URL: server.url } })
    expect(none.out).to.include('no bot has polled yet')
  })

  it('ends with 2 where one bot is named and the list is narrowed, too', async () => {
    const { url } = await aServerWithABot()
    const { code, error } = await callSlipway(['bots', 'pod-1', '--state', 'failing'], {
      env: { SLIPWAY_URL: url },
    })
    expect(code).to.equal(2)
    expect(error).to.include('with BOT, only --model can be used')
  })
})
