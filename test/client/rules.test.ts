import { expect } from 'chai'
import fc from 'fast-check'
import { PullFailure } from '../../client/index.ts'
import { archiveName } from '../../client/http/archive-name.ts'
import { parseContentRange } from '../../client/http/content-range.ts'
import { redirectTarget } from '../../client/http/redirect.ts'
import { newestTime } from '../../client/install/newest-time.ts'
import { newest } from '../../client/sources/newest-archive.ts'
import { objectChoice } from '../../client/sources/object-choice.ts'
import { backOff, withJitter } from '../../client/timing/back-off.ts'
import { nextAttempt } from '../../client/timing/next-attempt.ts'
import type { Setback } from '../../client/timing/next-attempt.ts'
import { parseRetryAfter } from '../../client/timing/retry-after.ts'
import { isSafeFileName } from '../../protocol/file-name.ts'
import { anyCharacter } from '../support/any-character.ts'

const NOW = Date.parse('2026-11-23T08:00:00Z')

describe('Retry-After', () => {
  const table: [string | undefined, number | undefined][] = [
    [undefined, undefined],
    ['0', 0],
    ['5', 5000],
    [' 7 ', 7000],
    ['999999999', 3_600_000],
    ['Mon, 23 Nov 2026 08:00:10 GMT', 10_000],
    ['Mon, 23 Nov 2026 07:00:00 GMT', 0],
    ['-1', undefined],
    ['1.5', undefined],
    ['soon', undefined],
    ['2026-11-23', undefined],
  ]
  for (const [value, milliseconds] of table) {
    it(`"${value ?? 'absent'}" is ${milliseconds ?? 'nothing'}`, () => {
      expect(parseRetryAfter(value, NOW)).to.equal(milliseconds)
    })
  }
})

describe('Content-Range', () => {
  const table: [string | undefined, ReturnType<typeof parseContentRange>][] = [
    ['bytes 5-9/10', { start: 5, end: 9, total: 10 }],
    ['bytes 5-9/*', { start: 5, end: 9 }],
    ['bytes */10', { total: 10 }],
    ['BYTES 0-0/1', { start: 0, end: 0, total: 1 }],
    ['bytes 5-10/10', undefined],
    ['bytes 9-5/10', undefined],
    ['bytes */*', undefined],
    ['items 0-1/2', undefined],
    ['bytes 0-1', undefined],
    [undefined, undefined],
  ]
  for (const [value, range] of table) {
    it(`"${value ?? 'absent'}" is read`, () => {
      expect(parseContentRange(value)).to.deep.equal(range)
    })
  }
})

describe('the back-off', () => {
  it('doubles to the larger of the interval and 8 s, and is never more', () => {
    expect([1, 2, 3, 4, 5, 6, 99].map((failures) => backOff(failures, 1000, 1))).to.deep.equal([
      500, 1000, 2000, 4000, 8000, 8000, 8000,
    ])
    expect(backOff(99, 100_000, 1)).to.equal(100_000)
  })

  it('spreads over the upper half', () => {
    const spread = fc.property(
      fc.nat(50),
      fc.nat(1_000_000),
      fc.double({ min: 0, max: 1, noNaN: true }),
      (failures, interval, random) => {
        const full = backOff(failures, interval, 1)
        expect(backOff(failures, interval, random)).to.be.within(full / 2, full)
      },
    )
    fc.assert(spread)
  })

  it('jitters polls by a tenth', () => {
    expect([0, 0.5, 1].map((random) => withJitter(1000, random))).to.deep.equal([900, 1000, 1100])
  })
})

describe('what follows a failure', () => {
  const away = new PullFailure('source', 'away', { again: true })
  const usual: Setback = {
    failure: away,
    failures: 1,
    unsound: 0,
    quiet: 0,
    forever: false,
    interval: 100_000,
    idleTimeout: 30_000,
    random: 1,
  }
  const table: [string, Partial<Setback>, number | 'stop'][] = [
    ['a first failure is tried again soon', {}, 500],
    ['a single run gives up where the wait would pass the idle timeout', { quiet: 29_600 }, 'stop'],
    ['a watch does not', { quiet: 29_600, forever: true }, 500],
    ['a hopeless one ends a single run', { failure: new PullFailure('source', '404') }, 'stop'],
    [
      'a hopeless one waits for the next poll in a watch',
      { failure: new PullFailure('source', '404'), forever: true },
      110_000,
    ],
    [
      'a final one ends a watch too',
      { failure: new PullFailure('source', '401', { again: false, final: true }), forever: true },
      'stop',
    ],
    [
      'Retry-After is honoured',
      { failure: new PullFailure('source', '503', { again: true, retryAfter: 20_000 }) },
      20_000,
    ],
    [
      'a longer Retry-After than the idle timeout ends a single run at once',
      { failure: new PullFailure('source', '503', { again: true, retryAfter: 31_000 }) },
      'stop',
    ],
    [
      'what was unsound once is fetched once more',
      { failure: new PullFailure('unsound', 'bad', { again: true }), unsound: 1 },
      500,
    ],
    [
      'what was unsound twice ends a single run',
      { failure: new PullFailure('unsound', 'bad', { again: true }), unsound: 2 },
      'stop',
    ],
    [
      'what was unsound twice waits for the next poll in a watch',
      { failure: new PullFailure('unsound', 'bad', { again: true }), unsound: 2, forever: true },
      110_000,
    ],
  ]
  for (const [title, change, expected] of table) {
    it(title, () => {
      expect(nextAttempt({ ...usual, ...change })).to.equal(expected)
    })
  }
})

describe('the name of an archive', () => {
  const url = new URL('http://h/models/shop@production')
  const table: [string, Record<string, string>, URL, string][] = [
    [
      'the bare header',
      { filename: 'a.tar.gz', 'content-disposition': 'attachment; filename="b.tar.gz"' },
      url,
      'a.tar.gz',
    ],
    [
      'Content-Disposition',
      { 'content-disposition': 'attachment; filename="b \\"1\\".tar.gz"' },
      url,
      'b-1-.tar.gz',
    ],
    [
      'its extended form',
      { 'content-disposition': "attachment; filename=b.tar.gz; filename*=UTF-8''c%20d.tar.gz" },
      url,
      'c-d.tar.gz',
    ],
    ['the address', {}, new URL('http://h/x/bot-1.2.3.tar.gz?q=1'), 'bot-1.2.3.tar.gz'],
    ['nothing', {}, url, 'model.tar.gz'],
    ['a hostile one', { filename: '../../etc/passwd' }, url, 'passwd.tar.gz'],
  ]
  for (const [what, headers, address, expected] of table) {
    it(`comes from ${what}`, () => {
      expect(archiveName(headers, address)).to.equal(expected)
    })
  }

  it('is safe whatever comes', () => {
    const safe = fc.property(fc.string({ unit: anyCharacter }), (filename) => {
      expect(isSafeFileName(archiveName({ filename }, url))).to.equal(true)
    })
    fc.assert(safe)
  })
})

describe('a redirect', () => {
  const from = new URL('https://h:8443/a')
  for (const location of ['/b', 'b?c=d', 'https://h:8443/b']) {
    it(`to ${location} is followed`, () => {
      expect(redirectTarget(from, location).origin).to.equal(from.origin)
    })
  }
  for (const location of [
    'http://h:8443/a',
    'https://h/a',
    'https://g:8443/a',
    '//g/a',
    undefined,
    'http://',
  ]) {
    it(`to ${location ?? 'nowhere'} is refused`, () => {
      expect(() => redirectTarget(from, location)).to.throw(PullFailure)
    })
  }
})

describe('the newest', () => {
  it('is the one that was modified last, and of those the last by name', () => {
    const items = [
      { name: 'a', modifiedAt: 1 },
      { name: 'c', modifiedAt: 2 },
      { name: 'b', modifiedAt: 2 },
    ]
    expect(newest(items)?.name).to.equal('c')
    expect(newest<{ name: string; modifiedAt: number }>([])).to.equal(undefined)
  })

  it('gets a time that is now, or a second after the newest other', () => {
    expect(newestTime(5000, undefined)).to.equal(5000)
    expect(newestTime(5000, 1000)).to.equal(5000)
    expect(newestTime(5000, 9000.5)).to.equal(10_001)
  })
})

describe('the object that a name means', () => {
  const table: [string | true, boolean, ReturnType<typeof objectChoice>][] = [
    ['shop', false, { key: 'shop.tar.gz' }],
    ['shop.tar.gz', false, { key: 'shop.tar.gz' }],
    ['folder/shop.tar.gz', false, { key: 'folder/shop.tar.gz' }],
    ['folder/shop.tar.gz', true, { key: 'shop.tar.gz' }],
    ['/shop', false, { key: 'shop.tar.gz' }],
    ['folder/', false, { newestIn: 'folder' }],
    [true, true, { newestIn: '' }],
  ]
  for (const [name, hasFolder, expected] of table) {
    it(`${name} ${hasFolder ? 'in REMOTE_STORAGE_PATH' : 'in a bucket'}`, () => {
      expect(objectChoice(name, hasFolder)).to.deep.equal(expected)
    })
  }
})
