import { expect } from 'chai'
import { eventType } from '../../protocol/event.ts'
import { describeEvent } from '../../server/webhooks/describe-event.ts'
import type { ToldEvent } from '../../server/webhooks/webhook.ts'
import { anEvent } from './an-event.ts'

const SENTENCES: readonly (readonly [Partial<ToldEvent>, string])[] = [
  [
    { type: 'release.published', tag: null, data: { release: 8, publishedBy: 'ci' } },
    'shop: release 8 was published by ci.',
  ],
  [
    { type: 'tag.moved', data: { from: 7, to: 8, movedBy: 'ci', reason: null } },
    'shop@production moved from release 7 to release 8, by ci.',
  ],
  [
    { type: 'tag.moved', data: { from: 8, to: 7, movedBy: 'slipway', reason: '2 of 3 bots failed.' } },
    'shop@production moved from release 8 to release 7, by slipway: 2 of 3 bots failed.',
  ],
  [
    { type: 'tag.moved', data: { from: null, to: 1, movedBy: 'ci', reason: null } },
    'shop@production was created and points at release 1, by ci.',
  ],
  [
    { type: 'tag.moved', data: { from: 7, to: null, movedBy: 'ann', reason: null } },
    'shop@production was deleted (it pointed at release 7), by ann.',
  ],
  [
    { type: 'rollout.changed', data: { state: 'running', step: 0, to: 8, reason: null } },
    'shop@production: the rollout of release 8 has begun.',
  ],
  [
    {
      type: 'rollout.changed',
      data: { state: 'running', step: 0, to: 8, reason: null, began: true, startedBy: 'ci' },
    },
    'shop@production: the rollout of release 8 has begun, by ci.',
  ],
  [
    { type: 'rollout.changed', data: { state: 'running', step: 0, to: 8, reason: null, began: false } },
    'shop@production: the rollout of release 8 is at step 1.',
  ],
  [
    {
      type: 'rollout.changed',
      data: { state: 'running', step: 0, stepState: 'inconclusive', to: 8, reason: 'nothing is proven' },
    },
    'shop@production: the rollout of release 8 waits in step 1: nothing is proven.',
  ],
  [
    {
      type: 'rollout.changed',
      data: {
        state: 'done',
        step: 0,
        stepState: 'inconclusive',
        to: 8,
        reason: '1 of 1 bots could not load it',
      },
    },
    'shop@production: the rollout of release 8 has ended: 1 of 1 bots could not load it.',
  ],
  [
    { type: 'rollout.changed', data: { state: 'running', step: 1, to: 8, reason: null } },
    'shop@production: the rollout of release 8 is at step 2.',
  ],
  [
    { type: 'rollout.changed', data: { state: 'paused', step: 1, to: 8, reason: 'pod-3 is lost' } },
    'shop@production: the rollout of release 8 is paused and waits for a person: pod-3 is lost.',
  ],
  [
    { type: 'load.failed', bot: 'pod-3', data: { kind: 'load-failed', release: 8, reason: 'attempt 1' } },
    'shop@production: pod-3 could not load release 8: attempt 1.',
  ],
  [
    { type: 'load.failed', bot: 'pod-3', data: { kind: 'transfer-failed', release: 8, reason: 'cut' } },
    'shop@production: pod-3 could not fetch release 8: cut.',
  ],
  [
    { type: 'bot.changed', bot: 'pod-3', data: { kind: 'lost' } },
    'shop@production: pod-3 is lost: it does not poll any more.',
  ],
  [
    { type: 'blob.damaged', model: null, tag: null, data: { digest: 'ab'.repeat(32), kind: 'damaged' } },
    'The stored archive abababababab is damaged or missing: slipway verify names its releases.',
  ],
]

describe('an event in a sentence', () => {
  for (const [event, sentence] of SENTENCES) {
    it(`reads ${JSON.stringify(sentence)}`, () => {
      expect(describeEvent(anEvent(event))).to.equal(sentence)
    })
  }

  it('is there for every type, whatever its data is', () => {
    for (const type of [...eventType.options, 'webhook.test' as const]) {
      expect(describeEvent(anEvent({ type, data: {} })), type).to.match(/^[A-Zs].+\.$/)
    }
  })

  it('holds nothing that steers a terminal or grows without limit', () => {
    const bot = `pod\u001b[31m\n${'x'.repeat(5000)}`
    const sentence = describeEvent(anEvent({ type: 'load.failed', bot, data: {} }))
    expect(sentence).to.not.match(/\p{Cc}/u)
    expect(sentence.length).to.be.below(1100)
  })
})
