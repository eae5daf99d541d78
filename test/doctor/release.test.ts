import { truncate } from 'node:fs/promises'
import { expect } from 'chai'
import { rasaCompatibility } from '../../archives/compatibility/rasa-compatibility.ts'
import { diagnoseServer } from '../../client/doctor/diagnose-server.ts'
import { wouldWork } from '../../client/doctor/present-finding.ts'
import { aRasa2Archive, anArchive } from '../support/archive-builder.ts'
import { callSlipway } from '../support/call-slipway.ts'
import { PRODUCTION, aFleetOn } from '../support/fleet-under-test.ts'
import { aClock } from '../support/manual-clock.ts'
import { aServer, type ServerUnderTest } from '../support/server-under-test.ts'

interface Diagnosed {
  code: number | null
  works: boolean
  /** Codes of what is no `ok`. */
  codes: string[]
  messages: string
}

async function diagnose({ url }: ServerUnderTest, ...args: string[]): Promise<Diagnosed> {
  const { code, out } = await callSlipway(['doctor', `${url}/models/shop`, '--slow', '0', '--json', ...args])
  const { works, findings } = JSON.parse(out) as {
    works: boolean
    findings: { code?: string; message: string }[]
  }
  const messages = findings.map(({ message }) => message).join('\n')
  return { code, works, codes: findings.flatMap((finding) => finding.code ?? []), messages }
}

function aSlipway(): Promise<ServerUnderTest> {
  return aServer({ clock: aClock(Date.now()) })
}

describe('slipway doctor about the release that a bot would get', function () {
  this.timeout(300_000)

  it('says which Rasa trained it, and compares that with the Rasa of the bots', async () => {
    const server = await aSlipway()
    await server.publish(anArchive({ rasaVersion: '3.6.20' }))
    const unknown = await diagnose(server)
    expect([unknown.code, unknown.codes]).to.deep.equal([0, []])
    expect(unknown.messages).to.contain('the model was trained by Rasa 3.6.20 (--rasa-version')
    const older = await diagnose(server, '--rasa-version', '3.6.21')
    expect([older.code, older.works, older.codes]).to.deep.equal([1, false, ['rasa-incompatible']])
    expect(older.messages).to.contain('Rasa 3.6.21 refuses what is older than 3.6.21')
    const newer = await diagnose(server, '--rasa-version', '3.6.13')
    expect([newer.code, newer.codes]).to.deep.equal([0, ['rasa-newer']])
  })

  it('is an error where Rasa 2 trained it', async () => {
    const server = await aSlipway()
    await server.publish(aRasa2Archive())
    const { code, works, codes, messages } = await diagnose(server)
    expect([code, works, codes]).to.deep.equal([1, false, ['rasa-incompatible']])
    expect(messages).to.contain('It was trained by Rasa 2.8.34')
  })

  it('is an error where an incomplete archive was accepted', async () => {
    const server = await aSlipway()
    await server.publish(anArchive({ without: ['components/train_RulePolicy0'] }), {
      query: 'accept=archive-incomplete',
    })
    const { code, works, codes, messages } = await diagnose(server)
    expect([code, works, codes]).to.deep.equal([1, false, ['archive-unloadable']])
    expect(messages).to.contain('components/train_RulePolicy0')
  })

  it('is an error where the stored archive is damaged', async () => {
    const server = await aSlipway()
    const { digest } = await server.publish(anArchive({ payloadBytes: 100_000 }))
    await truncate(server.blobFile(digest), 50_000)
    const { code, works, codes } = await diagnose(server)
    expect([code, works, codes]).to.deep.equal([1, false, ['release-damaged']])
  })
})

describe('slipway doctor about a release that was taken back', function () {
  this.timeout(300_000)

  it('is an error where another tag still points at it, and the reason is told', async () => {
    const { url, bots, digests, request, untilRollout } = await aFleetOn(3)
    await request.put('/api/v1/models/shop/tags/staging').send({ release: 2 }).expect(201)
    await request
      .put(PRODUCTION)
      .send({ release: 2, policy: { steps: [1, '100%'] } })
      .expect(200)
    for (const bot of bots) bot.unloadable.add(digests[2]!)
    await untilRollout('reverted')
    const { findings } = await diagnoseServer({
      url: new URL(`${url}/models/shop@staging`),
      headers: {},
      trust: { ca: [] },
      slow: 0,
      upload: undefined,
      signal: AbortSignal.timeout(240_000),
    })
    const found = findings.find(({ code }) => code === 'release-taken-back')
    expect(found?.message).to.match(/The reason was: 1 of 1 bots could not load release 2/)
    expect(wouldWork(findings)).to.equal(false)
  })
})

describe('what a Rasa makes of an archive by its version', () => {
  const cases = [
    ['2', '2.8.34', undefined, 'refused'],
    ['2', '2.8.34', '3.6.21', 'refused'],
    ['2', '2.8.34', '2.8.34', 'compatible'],
    ['2', '2.8.8', '2.8.34', 'refused'],
    ['2', undefined, '2.8.34', 'unknown'],
    ['3', '3.6.21', '2.8.34', 'refused'],
    ['3', '3.6.21', undefined, 'unknown'],
    ['3', '3.6.21', '3.6.21', 'compatible'],
    ['3', '3.6.20', '3.6.21', 'refused'],
    ['3', '3.5.0', '3.6.20', 'compatible'],
    ['3', '3.4.9', '3.6.20', 'refused'],
    ['3', '3.0.1', '3.4.0', 'compatible'],
    ['3', '3.6.21', '3.6.20', 'newer'],
    ['3', '3.6.20', '3.10.2', 'unknown'],
    ['3', 'main', '3.6.21', 'unknown'],
    ['3', '3.6.21', 'main', 'unknown'],
  ] as const
  for (const [format, trained, bots, expected] of cases) {
    it(`${expected}: format ${format}, trained by ${trained ?? 'an unknown Rasa'}, loaded by ${bots ?? 'some Rasa 3'}`, () => {
      const facts = {
        format: format === '2' ? (2 as const) : (3 as const),
        ...(trained === undefined ? {} : { rasaVersion: trained }),
      }
      expect(rasaCompatibility(facts, bots).kind).to.equal(expected)
    })
  }
})
