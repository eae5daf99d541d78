import { expect } from 'chai'
import { diagnoseServer } from '../../client/doctor/diagnose-server.ts'
import type { FindingCode } from '../../client/doctor/findings.ts'
import { anArchive } from '../support/archive-builder.ts'
import { aClock } from '../support/manual-clock.ts'
import { ALL_PROXIES } from '../support/proxies/all-proxies.ts'
import { findProgram, type Proxy } from '../support/proxies/proxy.ts'
import { startProxy } from '../support/proxies/start-proxy.ts'
import { aServer, type ServerUnderTest } from '../support/server-under-test.ts'
import { skipTest } from '../support/skip-test.ts'
import { afterThisTest } from '../support/temporary-directory.ts'

/** What the doctor must find behind each proxy, by how it is set. */
const EXPECTED: Readonly<Record<string, Readonly<Record<string, readonly FindingCode[]>>>> = {
  nginx: {
    default: ['addresses-hidden'],
    'strips the condition': ['addresses-hidden', 'condition-stripped', 'parts-refused'],
    compresses: ['addresses-hidden', 'tag-altered', 'compressed'],
    'buffers and caches': ['addresses-hidden', 'cached', 'buffered'],
    buffers: ['addresses-hidden', 'buffered'],
    'limits bodies': ['addresses-hidden', 'body-limit'],
    redirects: ['redirected-elsewhere'],
  },
  Apache: {
    default: ['addresses-hidden'],
    'strips the condition': ['addresses-hidden', 'condition-stripped'],
    compresses: ['addresses-hidden', 'compressed'],
    caches: ['addresses-hidden', 'cached'],
    'limits bodies': ['addresses-hidden', 'body-limit'],
    redirects: ['redirected-elsewhere'],
  },
  HAProxy: {
    default: [],
    'strips the condition': ['condition-stripped'],
    caches: ['cached', 'parts-refused'],
    'strips the tag': ['tag-missing'],
    'may compress': [],
    compresses: ['compressed'],
    'limits bodies': ['body-limit'],
    'ends after 2 s': ['time-limit'],
    redirects: ['redirected-elsewhere'],
  },
  Caddy: {
    default: ['addresses-hidden'],
    'strips the condition': ['addresses-hidden', 'condition-stripped'],
    compresses: ['addresses-hidden', 'compressed'],
    buffers: ['addresses-hidden', 'buffered'],
    'limits bodies': ['addresses-hidden', 'body-limit'],
    redirects: ['redirected-elsewhere'],
  },
  Squid: {
    default: ['addresses-hidden'],
    'strips the condition': ['addresses-hidden', 'condition-stripped'],
    'strips the tag': ['addresses-hidden', 'tag-missing'],
    caches: ['addresses-hidden', 'never-unchanged'],
    'limits bodies': ['addresses-hidden', 'body-limit'],
    'limits answers': ['addresses-hidden', 'answer-limit'],
  },
  Envoy: {
    default: ['addresses-hidden'],
    'without a time limit': ['addresses-hidden'],
    'ends after 3 s': ['addresses-hidden', 'time-limit'],
    'strips the condition': ['addresses-hidden', 'condition-stripped'],
    compresses: ['addresses-hidden', 'tag-missing', 'compressed'],
    'limits bodies': ['addresses-hidden', 'body-limit'],
    redirects: ['redirected-elsewhere'],
  },
}

async function diagnoseBehind(proxy: Proxy, variant: string, { port }: ServerUnderTest): Promise<string[]> {
  const { url, stop } = await startProxy(proxy, variant, port)
  afterThisTest(stop)
  const { findings } = await diagnoseServer({
    url: new URL(`${url}/models/shop`),
    headers: {},
    trust: { ca: [] },
    slow: variant.startsWith('ends after') ? 6_000 : 3_000,
    upload: proxy.variants[variant]?.publishes === true ? { bytes: 3_000_000, headers: {} } : undefined,
    signal: AbortSignal.timeout(50_000),
  })
  return findings.flatMap(({ code }) => code ?? [])
}

describe('slipway doctor behind a real proxy', function () {
  this.timeout(120_000)

  for (const proxy of ALL_PROXIES) {
    it(`says what ${proxy.name} breaks, as it is and set wrongly in each way`, async function () {
      if (findProgram(proxy) === undefined) {
        const reason = `${proxy.name} is not installed: run scripts/services`
        if (process.env['CI'] === 'true') throw new Error(reason)
        skipTest(this, reason)
      }
      const server = await aServer({ clock: aClock(Date.now()) })
      await server.publish(anArchive({ payloadBytes: 200_000 }))
      const found = await Promise.all(
        Object.keys(proxy.variants).map(async (variant) => [
          variant,
          await diagnoseBehind(proxy, variant, server),
        ]),
      )
      expect(Object.fromEntries(found)).to.deep.equal(EXPECTED[proxy.name])
      expect([...server.fleet.memory.records()], 'the doctor is no bot').to.have.length(0)
    })
  }
})
