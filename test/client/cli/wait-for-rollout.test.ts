import { expect } from 'chai'
import { ApiClient } from '../../../client/api/api-client.ts'
import { waitForRollout } from '../../../client/cli/wait-for-rollout.ts'
import { IMMEDIATE } from '../../../protocol/rollout-policy.ts'
import type { RolloutSummary } from '../../../protocol/rollout.ts'
import { lyingServer, type Answerer } from '../../support/lying-server.ts'
import { afterThisTest } from '../../support/temporary-directory.ts'

const AT = '2026-11-28T10:00:00.000Z'
const NOBODY = { bots: 5, updated: 0, loading: 0, failing: 0, waiting: 0, lost: 0 }

/** A rollout from release 1 to 2 that has ended, with these bots. */
function ended(counts: Partial<RolloutSummary['counts']>): RolloutSummary {
  const step = { target: '100%', bots: 5, state: 'passed' as const, startedAt: AT, endedAt: AT }
  return {
    ...{ id: '1', model: 'shop', tag: 'production', from: 1, to: 2, state: 'done', step: 0 },
    ...{ steps: [step], counts: { ...NOBODY, ...counts }, policy: IMMEDIATE, reason: null },
    ...{ startedAt: AT, startedBy: 'ann', startReason: null, endedAt: AT },
  }
}

/** How a wait for release 2 ends, of a server that answers so. */
async function waitOver(answer: Answerer, atMost = 5_000) {
  const server = await lyingServer(answer)
  const { signal } = new AbortController()
  const client = new ApiClient({
    url: new URL(`${server.origin}/`),
    token: undefined,
    signal,
    timeout: 1_000,
  })
  afterThisTest(() => client.close())
  const tag = {
    ...{ model: 'shop', tag: 'production', release: 2, digest: 'ab'.repeat(32) },
    ...{ movedAt: AT, movedBy: 'ann', reason: null, rollout: null },
  }
  return waitForRollout(client, { tag, release: 2, atMost, signal, onProgress: () => undefined })
}

function waitFor(rollout: RolloutSummary) {
  const page = JSON.stringify({ items: [rollout], next: null })
  return waitOver((_request, response) => response.end(page))
}

describe('a wait for a rollout that is done', () => {
  it('ends well where bots run the release, and no other is left than lost ones', async () => {
    expect(await waitFor(ended({ updated: 4, lost: 1 }))).to.include({ code: 0 })
    expect(await waitFor(ended({ bots: 0 }))).to.include({ code: 0 })
  })

  for (const counts of [
    { loading: 5 },
    { lost: 5 },
    { updated: 4, loading: 1 },
    { updated: 4, failing: 1 },
    { updated: 4, waiting: 1 },
  ]) {
    it(`has failed where somebody had it go on with ${JSON.stringify(counts)}`, async () => {
      const { code, sentence } = await waitFor(ended(counts))
      expect(code).to.equal(1)
      expect(sentence).to.include('not all bots run release 2')
    })
  }
})

describe('a wait whose time is over', () => {
  it('ends with what it knows where the server does not say in time how it does', async () => {
    const [step] = ended({}).steps
    const rollout: RolloutSummary = {
      ...ended({ waiting: 5 }),
      state: 'running',
      endedAt: null,
      steps: [step!, step!],
    }
    const page = JSON.stringify({ items: [rollout], next: null })
    const { code, sentence } = await waitOver((request, response) => {
      if (request.url?.includes('/status') !== true) response.end(page)
    }, 500)
    expect(code).to.equal(7)
    expect(sentence).to.include('it is not over')
  }).timeout(20_000)
})

describe('a wait whose server gives no answer', () => {
  it('does not say that the rollout is not over, as that is not known', async () => {
    const away: Answerer = (_request, response) => response.writeHead(502).end('<html>')
    const { code, sentence } = await waitOver(away, 4_500)
    expect(code).to.equal(7)
    expect(sentence)
      .to.include('it is not known whether it is over')
      .and.to.include('slipway rollout shop@production')
  }).timeout(20_000)
})
