import { expect } from 'chai'
import fc from 'fast-check'
import { changeQuota } from '../../dashboard/actions/change-model.ts'
import { changePolicy } from '../../dashboard/actions/change-policy.ts'
import { commandLine } from '../../dashboard/actions/command-line.ts'
import { DEFAULT_POLICY } from '../../dashboard/tags/default-policy.ts'
import { byteSizeText } from '../../protocol/byte-size.ts'
import { sizeIn } from '../../dashboard/models/quota-words.ts'
import { canBeSaid, differingFields, draftOf, policyOf } from '../../dashboard/tags/policy-draft.ts'
import { policySentences } from '../../dashboard/tags/policy-sentences.ts'
import { CALM_EVENTS } from '../../dashboard/webhooks/event-words.ts'
import { probeWarnings } from '../../protocol/probe-warnings.ts'
import { DEFAULT_WEBHOOK_EVENTS } from '../../protocol/webhook.ts'
import { IMMEDIATE, type RolloutPolicy } from '../../protocol/rollout-policy.ts'
import type { RolloutPreview } from '../../protocol/rollout-preview.ts'

describe('a webhook in a form', () => {
  it('begins with the events that the server chooses where nobody says', () => {
    expect(CALM_EVENTS).to.have.members(DEFAULT_WEBHOOK_EVENTS)
  })
})

describe('a quota in a form', () => {
  const NONE = { quota: null, releases: 3, bytes: null }

  it('takes sizes as slipway quota does, and comes back as it was', () => {
    expect(['20G', ' 500m ', '7', '0', '1.5G', '20 GB', ''].map(sizeIn)).to.deep.equal([
      20 * 1024 ** 3,
      500 * 1024 ** 2,
      7,
      undefined,
      undefined,
      undefined,
      undefined,
    ])
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 99_999_999_999 }), (bytes) => {
        expect(sizeIn(byteSizeText(bytes))).to.equal(bytes)
      }),
    )
  })

  it('is changed only where the settings are as they were read, and lifted as a whole', () => {
    const base = { model: 'shop', entityTag: '"a.b"' }
    const { says, call, command } = changeQuota(base, NONE, { releases: 5, bytes: null })
    expect(says[0]).to.equal(
      'shop may have at most 5 releases; so far it may have as much as there is room for.',
    )
    expect(says[1]).to.equal('With it shop has 3 of 5 releases.')
    expect(call).to.deep.include({
      body: { quota: { releases: 5, bytes: null } },
      condition: { field: 'If-Match', value: '"a.b"' },
    })
    expect(commandLine(command ?? [])).to.equal('slipway quota shop --releases 5 --bytes none')
    const lifted = changeQuota(base, NONE, { releases: null, bytes: null })
    expect([lifted.label, lifted.call.body]).to.deep.equal(['Lift the quota', { quota: null }])
  })
})

describe('a policy in a form', () => {
  const amount = fc.oneof(
    fc.integer({ min: 1, max: 1000 }),
    fc.integer({ min: 1, max: 100 }).map((share) => `${share}%`),
  )
  const seconds = fc.integer({ min: 1, max: 100_000 })
  const anyPolicy: fc.Arbitrary<RolloutPolicy> = fc.record({
    steps: fc.array(amount, { minLength: 1, maxLength: 5 }),
    soak: seconds,
    deadline: seconds,
    tolerate: amount,
    maxUpdating: fc.option(amount),
    onFail: fc.constantFrom('revert', 'pause'),
    onInconclusive: fc.constantFrom('pause', 'revert', 'continue'),
    drain: seconds,
    attempts: seconds,
    retry: seconds,
    probes: fc.array(fc.constant({ url: 'http://{bot}:5005/status', status: 200 }), { maxLength: 2 }),
  })

  it('begins with what the server has by default', () => {
    expect(DEFAULT_POLICY).to.deep.equal(IMMEDIATE)
  })

  it('comes back as it was, whatever it says', () => {
    fc.assert(
      fc.property(anyPolicy, (policy) => {
        const read = policyOf(draftOf(policy))
        expect(read).to.deep.equal(policy)
        expect(canBeSaid(read)).to.equal(true)
      }),
    )
  })

  it('is as by default where fields are empty, and is sent as it was typed where it cannot be read', () => {
    const draft = draftOf(IMMEDIATE)
    expect(policyOf({ ...draft, steps: '', soak: ' ', attempts: '' })).to.deep.equal(IMMEDIATE)
    const typed = policyOf({ ...draft, soak: 'ten minutes', steps: '1 25% all' })
    expect([typed.soak, typed.steps]).to.deep.equal(['ten minutes', [1, '25%', 'all']])
    expect(canBeSaid(typed)).to.equal(false)
    expect(() => policyOf({ ...draft, probes: '{"url": "http://a"}\n{' })).to.throw('Line 2 is no JSON.')
  })

  it('is warned of where a probe asks the same address for each bot, as it is on the command line', () => {
    const gateway = { url: 'https://gateway.example.com/check', status: 200 }
    const probes = [{ url: 'http://{bot}.bots.svc:5005/status', status: 200 }, gateway]
    const [warning] = probeWarnings({ probes })
    expect(
      policySentences({ ...IMMEDIATE, probes }).filter((text) => text.startsWith('Warning')),
    ).to.deep.equal([`Warning: ${warning?.message ?? ''}.`])
  })

  it('cannot be said while a probe that is being typed has no address', () => {
    for (const typed of ['{}', 'null', '{"url": 5}']) {
      expect(canBeSaid(policyOf({ ...draftOf(IMMEDIATE), probes: typed })), typed).to.equal(false)
    }
  })

  it('is told on the command line by what differs from before, and to the API by what differs from the default', () => {
    const before = { ...IMMEDIATE, soak: 600, maxUpdating: 1 } satisfies RolloutPolicy
    const after = { ...before, steps: [1, '25%', '100%'], maxUpdating: null } satisfies RolloutPolicy
    const preview = { steps: [{ target: '100%', bots: 0, first: [] }] } as unknown as RolloutPreview
    const base = { model: 'shop', tag: 'production', policy: before, entityTag: '"a.b.c"' }
    const { command, call } = changePolicy(base, after, preview)
    expect(commandLine(command ?? [])).to.equal(
      'slipway policy shop@production --steps 1,25%,100% --max-updating none',
    )
    expect(call.body).to.deep.equal({ policy: { steps: [1, '25%', '100%'], soak: 600 } })
    expect(call.condition).to.deep.equal({ field: 'If-Match', value: '"a.b.c"' })
    const reset = changePolicy(base, IMMEDIATE, preview)
    expect(commandLine(reset.command ?? [])).to.equal('slipway policy shop@production --reset')
    expect(reset.call.body).to.deep.equal({ policy: null })
    expect(differingFields(IMMEDIATE)).to.deep.equal({})
  })
})
