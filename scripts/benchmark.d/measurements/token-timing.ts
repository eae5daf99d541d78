import { randomBytes } from 'node:crypto'
import { digestOfToken, drawToken } from '../../../server/access/draw-token.ts'
import { KnownTokens } from '../../../server/access/known-tokens.ts'
import { openAccess } from '../../../server/access/open-access.ts'
import { createAuthorize } from '../../../server/http/access/authorization.ts'
import type { Measurement } from '../measurement.ts'
import { LEAK_LIMIT, sampleRefusals, welch } from '../timing-leak.ts'

const COMPARISONS = 100_000

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
      const { near, far } = sampleRefusals({ right: token, draw, count, refuse, random: randomBytes })
      const t = Math.abs(welch(near, far))
      rows.push([what, count, t])
      goals.push({ what: `|t| of refusals, a token ${what}`, wanted: LEAK_LIMIT, figure: t, atMost: true })
    }
    return Promise.resolve({ columns: ['token', 'comparisons', '|t|'], rows, goals })
  },
}
