import { expect } from 'chai'
import { botHint, botState } from '../../protocol/bot.ts'
import { processSchema } from '../../protocol/process.ts'
import { rolloutSchema, rolloutState } from '../../protocol/rollout.ts'
import { HINTS } from '../../server/fleet/hint.ts'
import { BOT_STATES } from '../../protocol/bot-states.ts'
import { ROLLOUT_STATES } from '../../server/rollouts/rollout.ts'

describe('what crosses the wire of the fleet', () => {
  it('has the words of the rules, each of them', () => {
    expect(botState.options).to.deep.equal([...BOT_STATES])
    expect(botHint.options).to.deep.equal([...HINTS])
    expect(rolloutState.options).to.deep.equal([...ROLLOUT_STATES])
  })

  it('names the fields that scripts rely on', () => {
    expect(Object.keys(processSchema.shape)).to.include.members([
      'process',
      'bot',
      'loadSeconds',
      'offered',
      'failures',
    ])
    expect(Object.keys(rolloutSchema.shape)).to.include.members([
      'id',
      'from',
      'to',
      'step',
      'steps',
      'counts',
      'reason',
    ])
  })
})
