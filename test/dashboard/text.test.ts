import { expect } from 'chai'
import { commandLine, curlCommand } from '../../dashboard/actions/command-line.ts'
import { estimateSeconds, paceOfBots } from '../../dashboard/actions/estimate.ts'
import { pause, resume, steeringActions } from '../../dashboard/actions/steer-rollout.ts'
import { withDecision, withInsistence, type Action } from '../../dashboard/actions/action.ts'
import type { Api } from '../../dashboard/api/api.ts'
import { promote, previewSentences, rollBack, rollbackSentences } from '../../dashboard/actions/promote.ts'
import { withReason } from '../../dashboard/actions/action.ts'
import {
  countsSentence,
  soakSentence,
  stateSentence,
  stepWord,
} from '../../dashboard/rollouts/rollout-sentence.ts'
import { tagSentence } from '../../dashboard/overview/tag-sentence.ts'
import { count } from '../../dashboard/text/count.ts'
import { age, duration } from '../../dashboard/text/duration.ts'
import { localMoment, utcMoment } from '../../dashboard/text/moment.ts'
import { nameSome } from '../../dashboard/text/name-some.ts'
import { IMMEDIATE } from '../../protocol/rollout-policy.ts'
import type { RolloutPreview } from '../../protocol/rollout-preview.ts'
import { aFailingBot, ago, aRollout, aTag, NOW } from './an-overview.ts'

describe('the words of the pages', () => {
  it('count, and group thousands', () => {
    expect([count(1, 'bot'), count(2, 'bot'), count(12_000, 'bot')]).to.deep.equal([
      '1 bot',
      '2 bots',
      '12,000 bots',
    ])
  })

  it('name a few of many', () => {
    expect(nameSome(['a', 'b'])).to.equal('a and b')
    expect(nameSome(['a', 'b', 'c', 'd'])).to.equal('a, b, c and 1 more')
    expect(nameSome(['a'], 40)).to.equal('a and 39 more')
  })

  it('say durations in the unit that fits', () => {
    expect([45, 90, 720, 7_200, 864_000].map((seconds) => duration(seconds))).to.deep.equal([
      '45 seconds',
      '90 seconds',
      '12 minutes',
      '2 hours',
      '10 days',
    ])
    expect([age(ago(2), NOW), age(ago(720), NOW)]).to.deep.equal(['just now', '12 minutes ago'])
  })

  it('say a moment in the zone of the reader, with its day where that is not today', () => {
    expect([utcMoment(ago(0), NOW), utcMoment(ago(86_400), NOW)]).to.deep.equal([
      '14:05 UTC',
      '25 Nov, 14:05 UTC',
    ])
    expect(localMoment(ago(0), NOW, 'Asia/Tokyo')).to.equal('23:05')
    expect(localMoment(ago(10 * 3600), NOW, 'Asia/Tokyo')).to.equal('13:05')
    expect(localMoment(ago(20 * 3600), NOW, 'Europe/Berlin')).to.equal('25 Nov, 19:05')
  })
})

describe('the sentence of a tag', () => {
  it('says that all is as it shall be', () => {
    expect(tagSentence(aTag())).to.equal('all 3 bots run it')
  })

  it('says how many run it, and what the others do', () => {
    const bots = { all: 43, updated: 41, states: { running: 41, loading: 1, failing: 1 }, releases: [] }
    const failing = [aFailingBot('pod-3')]
    failing[0]!.failures = { release: 8, loads: 0, transfers: 2, restarts: 0, reason: 'cut' }
    expect(tagSentence({ release: 8, bots, failing })).to.equal(
      '41 of 43 run it, 1 loading, 1 failing: transfer cut',
    )
  })

  it('does not count a bot twice that runs the release and fails another', () => {
    const failing = [aFailingBot('pod-3')]
    const bots = { all: 2, updated: 2, states: { running: 1, failing: 1 }, releases: [] }
    expect(tagSentence({ release: 8, bots, failing })).to.equal(
      'all 2 bots run it; of these 1 failing: could not load 8',
    )
    expect(
      tagSentence({
        release: 8,
        bots: { ...bots, all: 3, states: { running: 1, failing: 1, lost: 1 } },
        failing,
      }),
    ).to.equal('2 of 3 run it; of all 3: 1 failing: could not load 8, 1 lost')
    expect(
      tagSentence({
        release: 8,
        bots: { all: 1, updated: 1, states: { failing: 1 }, releases: [] },
        failing,
      }),
    ).to.equal('its 1 bot runs it; it is failing: could not load 8')
  })

  it('names the release while a rollout brings another one out', () => {
    expect(tagSentence(aTag({ rollout: aRollout() }))).to.equal('all 3 bots run release 7')
    expect(tagSentence(aTag({ release: 8, rollout: aRollout() }))).to.equal('all 3 bots run it')
  })

  it('says that others are on another release', () => {
    const bots = { all: 5, updated: 3, states: { running: 5 }, releases: [] }
    expect(tagSentence({ release: 8, bots, failing: [] })).to.equal('3 of 5 run it, 2 on another release')
    const canary = [
      { release: 8, bots: 3 },
      { release: 9, bots: 2 },
    ]
    expect(tagSentence({ release: 8, bots: { ...bots, releases: canary }, failing: [] })).to.equal(
      '3 of 5 run it, 2 on release 9',
    )
  })

  it('says that no bot polls it', () => {
    expect(tagSentence(aTag({ bots: { all: 0, updated: 0, states: {}, releases: [] } }))).to.equal(
      'no bot polls it',
    )
  })
})

describe('an action', () => {
  it('is the same as a command and as a call', () => {
    const action = withReason(pause(aRollout()), "pod-3's disk is full")
    expect(commandLine(action.command ?? [])).to.equal(
      String.raw`slipway rollout pause shop@production --rollout 42 --reason 'pod-3'\''s disk is full'`,
    )
    expect(curlCommand(action.call, 'https://models.example.com/')).to.equal(
      'curl --fail-with-body -X POST -H "Authorization: Bearer $SLIPWAY_TOKEN" -H \'Content-Type: application/json\' -d ' +
        String.raw`'{"reason":"pod-3'\''s disk is full"}' https://models.example.com/api/v1/models/shop/rollouts/42/pause`,
    )
  })

  it('has the pace of a promotion as options', () => {
    const action = promote({
      model: 'shop',
      tag: 'production',
      release: 8,
      policy: { steps: [1, '25%', '100%'], soak: 600 },
    })
    expect(commandLine(action.command ?? [])).to.equal(
      'slipway promote shop@production 8 --steps 1,25%,100% --soak 600',
    )
  })
})

describe('what a rollout is said to be', () => {
  it('says that its step is soaking, and how long it still does', () => {
    const rollout = aRollout()
    const now = Date.parse('2026-11-26T09:30:00.000Z')
    const soaks = (seconds: number) => ({
      ...rollout,
      policy: { ...rollout.policy, soak: 600 },
      steps: rollout.steps.map((step) => ({
        ...step,
        soakedUntil: new Date(now + seconds * 1000).toISOString(),
      })),
    })
    expect(soakSentence(soaks(25), now)).to.equal('Step 1 is soaking: 25 seconds left.')
    expect(soakSentence(soaks(-1), now)).to.match(/^Step 1 has soaked/)
    expect(soakSentence(rollout, now)).to.equal(undefined)
  })

  it('has nobody wait once it has ended', () => {
    const { counts, to } = aRollout()
    expect(countsSentence({ from: 7, to, counts, endedAt: null, state: 'running' })).to.match(/2 waiting/)
    expect(countsSentence({ from: 7, to, counts, endedAt: ago(1), state: 'reverted' })).not.to.match(
      /waiting/,
    )
    expect([stepWord('waiting', null), stepWord('waiting', ago(1))]).to.deep.equal(['waiting', 'not begun'])
    expect([stepWord('running', null), stepWord('running', ago(1))]).to.deep.equal(['under way', 'stopped'])
  })
})

describe('what a promotion is said to do', () => {
  const preview = (parts: Partial<RolloutPreview>): RolloutPreview => ({
    from: 7,
    to: 8,
    outcome: 'rollout',
    policy: IMMEDIATE,
    replaces: null,
    steps: [{ target: '100%', bots: 43, first: ['pod-1', 'pod-2', 'pod-3'] }],
    lost: { bots: 0, first: [] },
    notEvidence: { bots: 0, first: [] },
    doubtful: { bots: 0, first: [] },
    ...parts,
  })
  const pace = { interval: 10, load: 7 }

  it('is how many bots, how many at a time, and about how long', () => {
    const [first] = previewSentences(preview({ policy: { ...IMMEDIATE, maxUpdating: 1 } }), pace)
    expect(first).to.equal('43 bots get release 8, one at a time, about 12 minutes.')
  })

  it('is the steps, and who comes first', () => {
    const steps = [
      { target: 1, bots: 1, first: ['pod-2'] },
      { target: '100%', bots: 43, first: ['pod-1', 'pod-3'] },
    ]
    const sentences = previewSentences(preview({ steps, policy: { ...IMMEDIATE, soak: 600 } }), pace)
    expect(sentences[0]).to.match(/^43 bots get release 8, step by step\b/)
    expect(sentences).to.include(
      'In 2 steps: 1 bot, then 100% (43); 10 minutes of running it between the steps.',
    )
    expect(sentences).to.include('First: pod-2.')
    expect(sentences.at(-1)).to.equal('If too many fail, Slipway takes it back to release 7 by itself.')
  })

  it('names a probe that asks the same address for each bot', () => {
    const policy = { ...IMMEDIATE, probes: [{ url: 'https://gateway.example.com/check', status: 200 }] }
    const sentences = previewSentences(preview({ policy }), pace)
    expect(sentences.join('\n')).to.match(/^Look first: the probe of .* asks the same address for each bot/m)
  })

  it('names what to look at first: a release that an older Rasa trained, or that was taken back before', () => {
    const warnings = [
      { code: 'rasa-older' as const, message: 'release 8 was trained by Rasa 3.5.0' },
      { code: 'release-quarantined' as const, message: 'release 8 was taken back before' },
    ]
    for (const sentences of [
      previewSentences(preview({ warnings }), pace),
      rollbackSentences(9, preview({ warnings }), 'shop@production'),
    ]) {
      expect(sentences).to.include('Look first: release 8 was trained by Rasa 3.5.0.')
      expect(sentences).to.include('Look first: release 8 was taken back before.')
    }
  })

  it('is, of a rollback, where it leads and who gets that', () => {
    expect(rollbackSentences(9, preview({ replaces: '12' }), 'shop@production')).to.deep.equal([
      'The tag goes from release 9 back to release 8.',
      'Without steps and waiting times: 43 bots get release 8, all at their next polls.',
      'It ends rollout 12.',
    ])
    expect(rollbackSentences(8, preview({ outcome: 'abort' }), 'shop@production')[1]).to.equal(
      'Without steps and waiting times: the bots that took another release get release 8 again, all at their next polls; the others keep what they run.',
    )
    expect(rollbackSentences(8, preview({}), 'shop@production')[0]).to.equal(
      'The tag stays at release 8: what brings another one out is aborted.',
    )
  })

  it('names the command for a rollback in a hurry, where bots take turns', () => {
    const policy = { ...IMMEDIATE, maxUpdating: 1 }
    expect(rollbackSentences(9, preview({ policy }), 'shop@production')).to.include(
      'In a hurry: slipway rollback shop@production --now has all of them get it at their next polls.',
    )
  })

  it('names the release that was shown, so that the rollback goes nowhere else', async () => {
    const api = {
      get: () => Promise.resolve({ release: 9 }),
      ask: () => Promise.resolve(preview({})),
    } as unknown as Api
    const action = rollBack({ model: 'shop', tag: 'production' })
    const decision = await action.decide!(api)
    expect(decision.says).to.include('The tag goes from release 9 back to release 8.')
    const { call, command } = withDecision(action, decision)
    expect(call.body).to.deep.equal({ release: 8 })
    expect(command?.join(' ')).to.equal('slipway rollback shop@production 8')
    const insisted = withInsistence(withDecision(action, decision))
    expect(insisted.call.body).to.deep.equal({ release: 8, force: true })
  })

  it('is, once it is done, what became of the rollout that was under way', () => {
    const said = (action: Action, answer: object) => action.sayDone?.(answer)
    const back = rollBack({ model: 'shop', tag: 'production' })
    expect(said(back, { release: 7, aborted: 8 })).to.equal(
      'shop@production goes back to release 7. The rollout of release 8 was aborted.',
    )
    const forward = promote({ model: 'shop', tag: 'production', release: 9 })
    expect(said(forward, { release: 7, replaced: 8 })).to.equal(
      'Release 9 is on its way to shop@production. The rollout of release 8, which had not ended, was replaced.',
    )
    expect(said(forward, { release: 9, aborted: 8 })).to.match(/^shop@production goes back\. .* aborted\.$/)
    expect(said(forward, { release: 9 })).to.equal('Release 9 is on its way to shop@production.')
  })

  it('is that nothing was done, where somebody was faster or a rollout stays paused', () => {
    const back = rollBack({ model: 'shop', tag: 'production' })
    expect(back.sayDone?.({ from: 7, release: 7, rollout: null })).to.equal(
      'shop@production is at release 7 already: somebody was faster.',
    )
    expect(back.sayDone?.({ from: 7, release: 7, rollout: { state: 'reverting' } })).to.match(/ goes back /)
    const forward = promote({ model: 'shop', tag: 'production', release: 9 })
    expect(forward.sayDone?.({ release: 9, rollout: { state: 'paused', to: 9 } })).to.equal(
      'The rollout of release 9 to shop@production stays paused.',
    )
  })

  it('is nothing where the tag is there, and an abort where it is what is stable during a rollout', () => {
    expect(previewSentences(preview({ from: 8, outcome: 'unchanged' }), pace)).to.deep.equal([
      'Nothing changes: the tag is at release 8 already, or a rollout brings it there.',
    ])
    expect(previewSentences(preview({ from: 8, outcome: 'abort', replaces: '12' }), pace)).to.deep.equal([
      'It aborts rollout 12: the bots that took its release get release 8 back.',
    ])
  })

  it('does not guess how long, where the bots are not known', () => {
    expect(previewSentences(preview({}), paceOfBots([]))[0]).to.equal(
      '43 bots get release 8, all at their next polls.',
    )
  })

  it('says that a tag without bots moves at once', () => {
    const steps = [{ target: '100%', bots: 0, first: [] }]
    expect(previewSentences(preview({ steps }), pace)).to.include('No bot polls this tag: it moves at once.')
  })

  it('takes longer, the fewer bots may update at once', () => {
    const { steps } = preview({})
    const seconds = (maxUpdating: number | string | null) =>
      estimateSeconds({ steps, policy: { ...IMMEDIATE, maxUpdating } }, pace) ?? 0
    expect(seconds(null)).to.equal(17 + 10)
    expect(seconds('25%')).to.equal(5 * 17 + 10)
    expect(seconds(1)).to.equal(43 * 17 + 10)
  })
})

describe('the state of a rollout', () => {
  it('is told as a state also where it has one step', () => {
    const counts = { bots: 5, updated: 2 } as Parameters<typeof stateSentence>[0]['counts']
    const steps = [{}] as Parameters<typeof stateSentence>[0]['steps']
    expect(stateSentence({ from: 7, state: 'running', step: 0, steps, counts })).to.equal(
      'Under way, in one step',
    )
  })
})

describe('the buttons of a paused rollout', () => {
  const buttons = (verdict: string, failing = 0) =>
    steeringActions({
      ...{ id: '4', model: 'shop', tag: 'production', from: 1, to: 2, state: 'paused', step: 0 },
      ...{ steps: [{ state: verdict }], policy: IMMEDIATE, counts: { failing, updated: 0, loading: 0 } },
    } as unknown as Parameters<typeof steeringActions>[0]).map(({ label, tone }) => [label, tone])

  it('begin with going back where the step failed, as to resume would only have it paused again', () => {
    expect(buttons('failed')[0]).to.deep.equal(['Abort: back to 1', 'danger'])
    expect(buttons('failed').at(-1)).to.deep.equal(['Resume', 'plain'])
  })

  it('begin with going on where a person paused it, or too little was seen', () => {
    for (const verdict of ['running', 'inconclusive'])
      expect(buttons(verdict)[0]).to.deep.equal(['Resume', 'help'])
  })

  it('are the same, with Pause last, where the rollout still runs', () => {
    const rollout = {
      ...{ id: '4', model: 'shop', tag: 'production', from: 1, to: 2, state: 'running', step: 0 },
      ...{ steps: [{ state: 'inconclusive' }], policy: IMMEDIATE },
      counts: { failing: 1, updated: 4, loading: 0 },
    } as unknown as Parameters<typeof steeringActions>[0]
    expect(steeringActions(rollout).map(({ label }) => label)).to.deep.equal([
      'Retry',
      'Advance',
      'Abort: back to 1',
      'Pause',
    ])
  })

  it('say of Resume that it is in vain where bots failed', () => {
    const says = (verdict: string, failing: number) =>
      resume({
        ...{ id: '4', model: 'shop', tag: 'production', from: 1, to: 2, state: 'paused', step: 0 },
        ...{ steps: [{ state: verdict }], policy: IMMEDIATE, counts: { failing, waiting: 0 } },
      } as unknown as Parameters<typeof resume>[0]).says.join(' ')
    expect(says('failed', 1)).to.include('it pauses again')
    expect(says('inconclusive', 1)).to.include('it pauses again')
    expect(says('running', 0)).not.to.include('it pauses again')
  })

  it('begin with trying again where bots were left alone, which resume offers nothing', () => {
    expect(buttons('inconclusive', 1).map(([label]) => label)).to.deep.equal([
      'Retry',
      'Advance',
      'Abort: back to 1',
      'Resume',
    ])
  })
})
