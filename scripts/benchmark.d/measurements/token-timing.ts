import { randomBytes } from 'node:crypto'
import { digestOfToken, drawToken } from '../../../server/access/draw-token.ts'
import { KnownTokens } from '../../../server/access/known-tokens.ts'
import { openAccess } from '../../../server/access/open-access.ts'
import { createAuthorize } from '../../../server/http/access/authorization.ts'
import type { Measurement } from '../measurement.ts'

const COMPARISONS = 100_000
/** Beyond it two samples differ by more than chance, as leakage tests have it (Goodwill et al., 2011). */
const LIMIT = 4.5
/** What the slowest of a hundred took is the machine's doing. */
const KEPT_SHARE = 0.99

export const tokenTiming: Measurement = {
  name: 'token-timing',
  title: 'What the time of a refusal tells of a token',
  method:
    "Welch's t over 100,000 refusals in one process: of tokens that share all but their last character with a right one, " +
    'against tokens that share none; for a token of the settings and for one of the catalog. Below 4.5 they cannot be told apart.',
  run: ({ quick }) => {
    const count = quick ? 5_000 : COMPARISONS
    const right = drawToken(randomBytes)
    const knownTokens = new KnownTokens()
    const saved = { id: 1, name: 'bot', subject: null, allow: ['pull'], digest: digestOfToken(right) }
    knownTokens.restore({ revision: 1, hasPullTokens: true, tokens: [{ ...saved, expiresAt: null }] })
    const drawSetting = () => randomBytes(32).toString('hex')
    const setting = drawSetting()
    const settings = { pullToken: setting, publishToken: undefined, anonymousPulls: false, isLocal: false }
    const open = openAccess(settings, knownTokens)
    const authorize = createAuthorize({ ...settings, knownTokens, open, clock: { now: () => Date.now() } })
    const refuse = (token: string): number => {
      const begun = process.hrtime.bigint()
      authorize([token], 'pull', { model: 'shop', tag: 'production' })
      return Number(process.hrtime.bigint() - begun)
    }
    const rows: (string | number)[][] = []
    const goals = []
    for (const [what, token, draw] of [
      ['of the settings', setting, drawSetting],
      ['of the catalog', right, () => drawToken(randomBytes)],
    ] as const) {
      const t = Math.abs(welch(...sample(token, draw, count, refuse)))
      rows.push([what, count, t])
      goals.push({ what: `|t| of refusals, a token ${what}`, wanted: LIMIT, figure: t, atMost: true })
    }
    return Promise.resolve({ columns: ['token', 'comparisons', '|t|'], rows, goals })
  },
}

/** Nanoseconds of refusals of nearly right tokens and of others, in an order that nobody can foresee. */
function sample(
  right: string,
  draw: () => string,
  count: number,
  refuse: (token: string) => number,
): [number[], number[]] {
  const [near, far]: [number[], number[]] = [[], []]
  const characters = '0123456789abcdef'
  for (let turn = 0; turn < count + 1_000; turn++) {
    const isNear = (randomBytes(1)[0] ?? 0) % 2 === 0
    const last = characters[(characters.indexOf(right.slice(-1)) + 1 + (turn % 14)) % 16] ?? 'x'
    const [drawn, nearly] = [draw(), right.slice(0, -1) + last]
    const nanoseconds = refuse(asReceived(isNear ? nearly : drawn))
    // Node compiles what is called often: the first ones tell of that.
    if (turn >= 1_000) (isNear ? near : far).push(nanoseconds)
  }
  return [near, far]
}

/** The same text in one piece, as it comes from a header: V8 hashes joined and cut strings at another pace. */
function asReceived(text: string): string {
  return Buffer.from(text, 'latin1').toString('latin1')
}

/** Welch's t of two samples, without the slowest of each. */
function welch(one: readonly number[], other: readonly number[]): number {
  const [a, b] = [momentsOf(one), momentsOf(other)]
  return (a.mean - b.mean) / Math.sqrt(a.variance / a.count + b.variance / b.count)
}

function momentsOf(sample: readonly number[]): { mean: number; variance: number; count: number } {
  const kept = sample.toSorted((x, y) => x - y).slice(0, Math.floor(sample.length * KEPT_SHARE))
  const mean = kept.reduce((sum, value) => sum + value, 0) / kept.length
  const squares = kept.reduce((sum, value) => sum + (value - mean) ** 2, 0)
  return { mean, variance: squares / (kept.length - 1), count: kept.length }
}
