import { expect } from 'chai'
import fc from 'fast-check'
import type { Verdict } from '../../client/doctor/finding.ts'
import { FINDINGS } from '../../client/doctor/findings.ts'
import { presentFinding, wouldWork } from '../../client/doctor/present-finding.ts'
import { PROXIES, describeWay, proxiesSeen } from '../../client/doctor/proxies.ts'
import { judgeAnswer } from '../../client/doctor/rules/judge-answer.ts'
import { judgeArchive } from '../../client/doctor/rules/judge-archive.ts'
import { judgeClock } from '../../client/doctor/rules/judge-clock.ts'
import { judgeCondition } from '../../client/doctor/rules/judge-condition.ts'
import { judgeFailure, judgeTls } from '../../client/doctor/rules/judge-connection.ts'
import { judgeEcho } from '../../client/doctor/rules/judge-echo.ts'
import { judgeLarge } from '../../client/doctor/rules/judge-large.ts'
import { judgeParts } from '../../client/doctor/rules/judge-parts.ts'
import { judgeProcesses, type Poll } from '../../client/doctor/rules/judge-processes.ts'
import { judgePublish, type PublishObservation } from '../../client/doctor/rules/judge-publish.ts'
import { judgeRedirects } from '../../client/doctor/rules/judge-redirects.ts'
import {
  judgeBucket,
  judgeListing,
  judgeObject,
  judgeStoreClock,
  type ObjectObservation,
  type StoreOutcome,
} from '../../client/doctor/rules/judge-store.ts'
import { isFromCache, judgeTags } from '../../client/doctor/rules/judge-tags.ts'
import type { FindingCode } from '../../client/doctor/findings.ts'

type Expected = FindingCode | 'ok'

const codes = (verdicts: readonly (Verdict | undefined)[]): (Expected | undefined)[] =>
  verdicts.map((verdict) => verdict && ('ok' in verdict ? 'ok' : verdict.code))

/** Cases of one rule: what was observed, and what is to be found in it. */
function rule<Observation>(
  name: string,
  judge: (observation: Observation) => Verdict | undefined | readonly Verdict[],
  cases: Readonly<Record<string, readonly [Observation, ...(Expected | undefined)[]]>>,
): void {
  describe(name, () => {
    for (const [what, [observation, ...expected]] of Object.entries(cases)) {
      it(`${what}: ${expected.map((code) => code ?? 'nothing').join(', ')}`, () => {
        const verdicts = judge(observation)
        expect(
          codes(Array.isArray(verdicts) ? (verdicts as Verdict[]) : [verdicts as Verdict]),
        ).to.deep.equal(expected)
      })
    }
  })
}

const D = 'a'.repeat(64)
const A = '0f3b6f0e5a7c4d1e9b2a8c7d6e5f4a3b'
const B = '1f3b6f0e5a7c4d1e9b2a8c7d6e5f4a3b'
const DAY = 86_400_000

rule('a connection that fails', judgeFailure, {
  'nothing listens': [{ kind: 'refused', code: 'ECONNREFUSED', message: '' }, 'unreachable'],
  'the name is unknown': [{ kind: 'unknown-host', code: 'ENOTFOUND', message: '' }, 'host-unknown'],
  'nothing comes': [{ kind: 'silent', code: 'ETIMEDOUT', message: '' }, 'no-answer'],
  'it closes at once': [{ kind: 'closed', code: 'ECONNRESET', message: '' }, 'no-answer'],
  'no HTTP': [{ kind: 'not-http', code: 'HPE_INVALID_CONSTANT', message: '' }, 'not-http'],
  'signed by itself': [{ kind: 'tls', code: 'DEPTH_ZERO_SELF_SIGNED_CERT', message: '' }, 'tls-untrusted'],
  'a private authority': [{ kind: 'tls', code: 'SELF_SIGNED_CERT_IN_CHAIN', message: '' }, 'tls-untrusted'],
  'a certificate between is missing': [
    { kind: 'tls', code: 'UNABLE_TO_VERIFY_LEAF_SIGNATURE', message: '' },
    'tls-untrusted',
  ],
  'another name': [{ kind: 'tls', code: 'ERR_TLS_CERT_ALTNAME_INVALID', message: '' }, 'tls-wrong-name'],
  'too old': [{ kind: 'tls', code: 'CERT_HAS_EXPIRED', message: '' }, 'tls-expired'],
  'plain HTTP where TLS is expected': [{ kind: 'tls', code: 'EPROTO', message: '' }, 'tls-failed'],
})

rule('an encrypted connection', judgeTls, {
  'all well': [
    { tls: { protocol: 'TLSv1.3', validUntil: 90 * DAY }, refusedByNode: undefined, now: 0 },
    'ok',
  ],
  'the end is near': [
    { tls: { protocol: 'TLSv1.3', validUntil: 3 * DAY }, refusedByNode: undefined, now: 0 },
    'tls-ends-soon',
  ],
  'Node does not trust it': [
    { tls: { protocol: 'TLSv1.3', validUntil: 90 * DAY }, refusedByNode: 'self-signed', now: 0 },
    'ok',
    'tls-not-for-puller',
  ],
})

const redirect = (from: string, to: string) => ({ status: 302, from: new URL(from), to: new URL(to) })
rule('redirects', ({ all, ends }) => judgeRedirects(all, ends), {
  none: [{ all: [] as ReturnType<typeof redirect>[], ends: true }],
  'on the same origin': [{ all: [redirect('http://a/models/x', 'http://a/y')], ends: true }, 'redirected'],
  'to https': [
    { all: [redirect('http://a/models/x', 'https://a/models/x')], ends: true },
    'redirected-elsewhere',
  ],
  'without an end': [{ all: [redirect('http://a/x', 'http://a/x')], ends: false }, 'redirect-loop'],
})

const answer = { contentType: 'application/problem+json', problem: undefined, detail: undefined }
rule('an answer', judgeAnswer, {
  'an archive': [{ ...answer, status: 200, contentType: 'application/gzip' }, 'ok'],
  'a login page': [{ ...answer, status: 200, contentType: 'text/html; charset=utf-8' }, 'web-page'],
  'nothing for a fresh bot': [{ ...answer, status: 204 }, 'nothing-published'],
  'no release': [{ ...answer, status: 404, problem: 'no-release-tagged' }, 'nothing-published'],
  'another address': [{ ...answer, status: 404, problem: 'not-found' }, 'wrong-address'],
  'a page of a proxy': [{ ...answer, status: 404, contentType: 'text/html' }, 'wrong-address'],
  'no token': [{ ...answer, status: 401, problem: 'token-required' }, 'token-missing'],
  'a token for something else': [
    { ...answer, status: 403, problem: 'token-insufficient' },
    'token-insufficient',
  ],
  'another host': [{ ...answer, status: 403, problem: 'foreign-host-refused' }, 'host-refused'],
  'a password of a proxy': [{ ...answer, status: 401, contentType: 'text/html' }, 'filtered'],
  'a filter': [{ ...answer, status: 403, contentType: 'text/html' }, 'filtered'],
  'too much': [{ ...answer, status: 429 }, 'rate-limited'],
  'a gateway without a server': [{ ...answer, status: 502 }, 'server-failing'],
  'something else': [{ ...answer, status: 206 }, 'unexpected-status'],
})

const tags = { processes: [A, B] as const, isSlipway: true, fromCache: false }
rule('entity tags', judgeTags, {
  'each its own': [{ ...tags, tags: [`"${D}.${A}"`, `"${D}.${B}"`] }, 'ok'],
  'both the plain one': [{ ...tags, tags: [`"${D}"`, `"${D}"`] }, 'ok'],
  none: [{ ...tags, tags: [undefined, undefined] }, 'tag-missing'],
  'an empty one': [{ ...tags, tags: ['', ''] }, 'tag-missing'],
  weak: [{ ...tags, tags: [`W/"${D}.${A}"`, `W/"${D}.${B}"`] }, 'tag-altered'],
  'with a suffix': [{ ...tags, tags: [`"${D}.${A}-gzip"`, `"${D}.${B}-gzip"`] }, 'tag-altered'],
  'with a suffix behind the quotes': [{ ...tags, tags: [`"${D}.${A}"-gzip`, undefined] }, 'tag-altered'],
  'without quotes': [{ ...tags, tags: [`${D}.${A}`, `${D}.${B}`] }, 'tag-altered'],
  "a proxy's own": [{ ...tags, tags: ['"5f3-abc"', '"5f3-abc"'] }, 'tag-altered'],
  "the first one's for the second": [{ ...tags, tags: [`"${D}.${A}"`, `"${D}.${A}"`] }, 'cached'],
  "a stranger's": [{ ...tags, tags: [`"${D}.${'2' + A.slice(1)}"`, undefined] }, 'cached'],
  'out of a cache': [{ ...tags, tags: [`"${D}"`, `"${D}"`], fromCache: true }, 'cached'],
  'of another server': [{ ...tags, isSlipway: false, tags: ['W/"x"', 'W/"x"'] }, 'ok'],
})

const condition = { sent: '"x"', head: 304, get: 304, arrived: '"x"' as string | null | undefined }
rule('a poll in sync', judgeCondition, {
  'left alone': [condition, 'ok'],
  'left alone by another server': [{ ...condition, head: undefined, get: 204, arrived: undefined }, 'ok'],
  'left alone, changed on the way': [{ ...condition, arrived: 'W/"x"' }, 'condition-altered'],
  'nothing arrives': [{ ...condition, head: 200, get: 200, arrived: null }, 'condition-stripped'],
  'nothing arrives, and a cache answers': [{ ...condition, arrived: null }, 'ok'],
  'it arrives': [{ ...condition, get: 200 }, 'never-unchanged'],
  'nobody knows': [{ ...condition, get: 200, arrived: undefined }, 'never-unchanged'],
  'something else': [{ ...condition, get: 502 }, 'unexpected-status'],
})

const archive = {
  headers: {
    etag: '"x"',
    'content-length': '7',
    'content-type': 'application/gzip',
    filename: 'a.tar.gz',
  } as Record<string, string>,
  bytes: 7,
  digest: D,
  announced: D as string | undefined,
  isGzip: true,
  broken: undefined,
  milliseconds: 10,
}
rule('an archive', judgeArchive, {
  sound: [archive, 'ok'],
  'of a server that announces nothing': [{ ...archive, announced: undefined }, 'ok'],
  'compressed once more': [
    { ...archive, headers: { ...archive.headers, 'content-encoding': 'gzip' } },
    'ok',
    'compressed',
  ],
  'labelled as encoded': [
    { ...archive, isGzip: false, headers: { ...archive.headers, 'content-encoding': 'gzip' } },
    'encoding-wrong',
  ],
  'labelled, and not encoded': [
    { ...archive, broken: 'decoding', headers: { ...archive.headers, 'content-encoding': 'gzip' } },
    'encoding-wrong',
  ],
  'no gzip': [{ ...archive, isGzip: false }, 'not-an-archive'],
  'other bytes': [{ ...archive, digest: 'b'.repeat(64) }, 'archive-altered'],
  'a page': [{ ...archive, headers: { 'content-type': 'text/html' } }, 'web-page'],
  cut: [{ ...archive, broken: 'closed' }, 'archive-cut'],
  'stopped in the middle': [{ ...archive, broken: 'silent' }, 'archive-cut'],
  'without length': [{ ...archive, headers: { etag: '"x"' } }, 'ok', 'length-missing'],
  'without entity tag': [{ ...archive, headers: { 'content-length': '7' } }, 'ok', 'tag-missing'],
  'a name that Rasa does not find': [
    { ...archive, headers: { ...archive.headers, filename: 'model' } },
    'ok',
    'filename-unusable',
  ],
  'a name that leaves the folder': [
    { ...archive, headers: { ...archive.headers, filename: '../x.tar.gz' } },
    'ok',
    'filename-unusable',
  ],
  'slower than Rasa waits': [{ ...archive, milliseconds: 300_001 }, 'ok', 'too-slow'],
  'nearly so': [{ ...archive, milliseconds: 150_001 }, 'ok', 'nearly-too-slow'],
})

const arrived = { parameters: ['token'], fields: {}, peer: '10.0.0.1', client: '10.0.0.1' }
const echo = { sent: [] as string[], arrived, isProxied: false }
rule('an echo', judgeEcho, {
  'as it was sent': [{ ...echo, sent: ['token'] }, 'ok'],
  'without its query': [{ ...echo, sent: ['token', 'instance'] }, 'query-stripped'],
  'by a proxy that is not known': [
    { ...echo, arrived: { ...arrived, fields: { 'x-forwarded-for': '192.0.2.1' } } },
    'ok',
    'addresses-hidden',
  ],
  'by a proxy that says nothing of the bot': [{ ...echo, isProxied: true }, 'ok', 'addresses-hidden'],
  'by a proxy that is known': [
    { ...echo, arrived: { ...arrived, client: '192.0.2.1', fields: { via: '1.1 squid' } } },
    'ok',
  ],
})

const poll = (tag: string | undefined, status = 200) => ({ status, tag })
const processes = {
  processes: [A, B] as const,
  fresh: [poll(`"${D}.${A}"`), poll(`"${D}.${B}"`)] as const,
  inSync: poll(`"${D}.${A}"`, 304),
  outdated: poll(`"${D}.${A}"`),
  updated: poll(`"${'b'.repeat(64)}.${A}"`) as Poll | undefined,
}
rule('two bots', judgeProcesses, {
  'each gets its own': [processes, 'ok'],
  'a compressing proxy between': [{ ...processes, inSync: poll(undefined, 200) }, 'ok'],
  'one gets what the other got': [
    { ...processes, fresh: [poll(`"${D}.${A}"`), poll(`"${D}.${A}"`)] as const },
    'cached',
  ],
  'an old model is taken for the new one': [{ ...processes, outdated: poll(undefined, 304) }, 'cached'],
  'the update could not be played': [{ ...processes, updated: undefined }, 'ok'],
  'an update is not seen': [{ ...processes, updated: poll(`"${D}.${A}"`) }, 'cached'],
  'an update is answered as nothing new': [{ ...processes, updated: poll(undefined, 304) }, 'cached'],
  'no archive at first': [
    { ...processes, fresh: [poll(undefined, 503), poll(undefined)] as const },
    'unexpected-status',
  ],
  'no archive later': [{ ...processes, outdated: poll(undefined, 502) }, 'unexpected-status'],
})

const large = {
  status: 200,
  problem: undefined as string | undefined,
  milliseconds: 20_000,
  broken: false,
  whileReading: 'sending' as const,
  afterwards: 'aborted' as const,
}
rule('a large archive', judgeLarge, {
  'it goes on, and is seen to break off': [large, 'ok'],
  'the server knows nothing of it': [{ ...large, whileReading: null, afterwards: null }, 'ok'],
  'it is ended': [{ ...large, broken: true }, 'time-limit'],
  'a proxy has taken it all': [{ ...large, whileReading: 'sent', afterwards: 'sent' }, 'buffered'],
  'a proxy has taken it all, and ended it': [
    { ...large, whileReading: 'sent', broken: true },
    'buffered',
    'time-limit',
  ],
  'nobody tells the server': [{ ...large, afterwards: 'sending' }, 'cut-unnoticed'],
  'the server has no room for it': [{ ...large, status: 503, problem: 'overloaded' }, 'diagnosis-limited'],
  'a proxy refuses it': [{ ...large, status: 403 }, 'answer-limit'],
})

rule('a part', judgeParts, {
  sent: [{ status: 206, contentRange: 'bytes 0-99/4711' }, 'ok'],
  ignored: [{ status: 200, contentRange: undefined }, 'parts-refused'],
  'another one': [{ status: 206, contentRange: 'bytes 0-4710/4711' }, 'parts-refused'],
})

rule('a clock', judgeClock, {
  right: [{ server: 1_000_000, here: 1_030_000 }, 'ok'],
  behind: [{ server: 0, here: 100_000 }, 'clock-differs'],
  ahead: [{ server: 100_000, here: 0 }, 'clock-differs'],
  'not there': [{ server: NaN, here: 0 }, undefined],
})

const unread = { status: 413, problem: undefined, failure: undefined }
const read = { status: 422, problem: 'archive-not-a-model', failure: undefined }
const uploads = {
  small: read,
  large: read,
  bytes: 16_000_000,
} as PublishObservation
rule('an upload', judgePublish, {
  'refused as it should be': [uploads, 'ok'],
  'refused by a proxy': [{ ...uploads, large: unread }, 'body-limit'],
  'answered 502, as Caddy does': [{ ...uploads, large: { ...unread, status: 502 } }, 'body-limit'],
  'cut off': [
    { ...uploads, large: { ...unread, status: undefined, failure: 'socket hang up' } },
    'body-limit',
  ],
  "beyond the server's own limit": [
    { ...uploads, large: { ...unread, problem: 'archive-too-large' } },
    'body-limit',
  ],
  'no token': [
    { ...uploads, small: { ...unread, status: 401, problem: 'token-required' }, large: undefined },
    'publish-refused',
  ],
  'no answer': [
    { ...uploads, small: { ...unread, status: undefined, failure: 'socket hang up' }, large: undefined },
    'publish-failed',
  ],
  'a gateway': [{ ...uploads, small: { ...unread, status: 504 }, large: undefined }, 'publish-failed'],
})

const done = { kind: 'done' } as const
rule<StoreOutcome>('a bucket', (outcome) => judgeBucket('s3 shop', outcome), {
  open: [done, 'ok'],
  'not as configured': [{ kind: 'misconfigured', message: 'BUCKET_NAME' }, 'store-setting'],
  missing: [{ kind: 'missing' }, 'store-setting'],
  'not reached': [{ kind: 'failed', message: 'refused' }, 'store-unreachable'],
})

rule<StoreOutcome>('a listing', (outcome) => judgeListing(outcome, '2 archives'), {
  allowed: [done, 'ok'],
  refused: [{ kind: 'failed', message: 'denied' }, 'store-listing'],
})

const object = { key: 'a.tar.gz', outcome: done, size: 10, start: Buffer.from([0x1f, 0x8b]) }
rule<ObjectObservation>('an object', judgeObject, {
  'an archive': [object, 'ok'],
  'something else': [{ ...object, start: Buffer.from('PK') }, 'object-not-archive'],
  missing: [{ ...object, outcome: { kind: 'missing' } }, 'object-missing'],
  unreadable: [{ ...object, outcome: { kind: 'failed', message: 'denied' } }, 'object-unreadable'],
})

rule('the clock of a store', judgeStoreClock, {
  right: [2_000, 'ok'],
  'a little off': [120_000, 'clock-differs'],
  'too far off for signatures': [-901_000, 'store-clock'],
  'not told': [NaN, undefined],
})

describe('what a finding is shown as', () => {
  const anyCode = fc.constantFrom(...(Object.keys(FINDINGS) as FindingCode[]))

  it('always says what is wrong and what to do, whatever was seen', () => {
    fc.assert(
      fc.property(anyCode, fc.string(), fc.subarray([...PROXIES]), (code, detail, seen) => {
        const finding = presentFinding({ code, detail }, seen)
        expect(finding.message).to.contain(FINDINGS[code].meaning)
        expect(finding.remedy).to.be.a('string').with.length.greaterThan(0)
        const settings: Partial<Record<string, string>> =
          (FINDINGS[code] as { settings?: object }).settings ?? {}
        for (const proxy of Object.keys(finding.settings ?? {})) expect(settings).to.have.property(proxy)
      }),
    )
  })

  it('names the setting of the proxy that stands between, and all of them where none is known', () => {
    const verdict = { code: 'condition-stripped', detail: '' } as const
    expect(Object.keys(presentFinding(verdict, ['Squid']).settings ?? {})).to.deep.equal(['Squid'])
    expect(presentFinding(verdict, []).settings).to.have.all.keys(...PROXIES)
  })

  it('keeps a bot from working exactly where it is an error that is not about publishing', () => {
    const breaksBots = (code: FindingCode): boolean =>
      FINDINGS[code].level === 'error' && !['body-limit', 'publish-refused', 'publish-failed'].includes(code)
    fc.assert(
      fc.property(fc.array(anyCode), (found) => {
        const findings = found.map((code) => presentFinding({ code, detail: '' }, []))
        expect(wouldWork(findings)).to.equal(!found.some(breaksBots))
      }),
    )
  })
})

describe('what stands between', () => {
  it('is told to be a cache by what caches say', () => {
    const hits = [
      { 'x-cache': 'HIT from squid' },
      { age: '3' },
      { 'cf-cache-status': 'HIT' },
      { 'x-cache': 'Hit from cloudfront' },
    ]
    expect(hits.map(isFromCache)).to.deep.equal([true, true, true, true])
    const misses = [{}, { age: '0' }, { 'x-cache': 'MISS from squid' }]
    expect(misses.map(isFromCache)).to.deep.equal([false, false, false])
  })

  it('is told by what it leaves', () => {
    const seen = [
      proxiesSeen({ server: 'nginx/1.22.1' }),
      proxiesSeen({ server: 'Apache/2.4.67 (Debian)' }),
      proxiesSeen({ server: 'Caddy' }),
      proxiesSeen({ via: '1.1 squid-under-test (squid/5.7)' }),
      proxiesSeen({}, { via: '1.1 front (squid/5.7)' }),
      proxiesSeen({ server: 'envoy' }),
      proxiesSeen({ 'x-envoy-upstream-service-time': '3' }),
      proxiesSeen({}),
    ]
    const names = ['nginx', 'Apache', 'Caddy', 'Squid', 'Squid', 'Envoy', 'Envoy']
    expect(seen).to.deep.equal([...names.map((name) => [name]), []])
  })

  it('is described in its own words', () => {
    expect(describeWay({ server: 'nginx/1.22.1', via: '1.1 a' }, { via: '1.1 a' })).to.deep.equal([
      'nginx/1.22.1',
      '1.1 a',
    ])
  })
})
