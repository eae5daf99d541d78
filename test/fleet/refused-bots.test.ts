import { expect } from 'chai'
import { FleetMemory } from '../../server/fleet/fleet-memory.ts'
import { refusedBotWarnings } from '../../server/fleet/refused-bot-warnings.ts'
import { RefusedBots } from '../../server/fleet/refused-bots.ts'
import { OLD, poll, POD, processName, START } from './facts.ts'

const MINUTE = 60_000

describe('the bots that are refused', () => {
  const memory = () => {
    const known = new FleetMemory(10_000)
    return { known, refused: new RefusedBots(known) }
  }
  const heard = (known: FleetMemory, process: string, instance: string, at: number) =>
    known.take('shop', poll(OLD, process, { source: { ...POD, instance } }), at)
  const refusal = (process: string | undefined, instance: string | null) => ({
    model: 'shop',
    tag: 'production',
    process,
    code: 'token-required' as const,
    source: { ...POD, instance, token: null },
  })

  it('are known by their process, whatever name they say', () => {
    const { known, refused } = memory()
    heard(known, processName('a'), 'pod-1', START)
    refused.note(refusal(processName('a'), null), START + MINUTE)
    refused.note(refusal(processName('a'), 'pod-9'), START + 2 * MINUTE)
    expect(refused.list(START + 2 * MINUTE)).to.deep.equal([
      {
        model: 'shop',
        bot: 'pod-1',
        tag: 'production',
        code: 'token-required',
        refusals: 2,
        firstAt: START + MINUTE,
        lastAt: START + 2 * MINUTE,
      },
    ])
  })

  it('are known by their instance where they started anew, and strangers are none of them', () => {
    const { known, refused } = memory()
    heard(known, processName('a'), 'pod-1', START)
    refused.note(refusal(processName('b'), 'pod-1'), START + MINUTE)
    refused.note(refusal(processName('c'), 'pod-2'), START + MINUTE)
    expect(refused.list(START + MINUTE).map(({ bot }) => bot)).to.deep.equal(['pod-1'])
  })

  it('are forgotten once a process of theirs is served that began since, and not for one that goes on beside the refused one', () => {
    const { known, refused } = memory()
    for (const process of [processName('a'), processName('b')]) heard(known, process, 'pod-1', START)
    refused.note(refusal(processName('a'), 'pod-1'), START + MINUTE)
    heard(known, processName('b'), 'pod-1', START + 2 * MINUTE)
    expect(refused.list(START + 2 * MINUTE)).to.have.length(1)
    heard(known, processName('c'), 'pod-1', START + 3 * MINUTE)
    expect(refused.list(START + 3 * MINUTE)).to.deep.equal([])
  })

  it('are forgotten once they are served again, or have not come back for an hour', () => {
    const { known, refused } = memory()
    for (const [process, instance] of [
      [processName('a'), 'pod-1'],
      [processName('b'), 'pod-2'],
    ] as const) {
      heard(known, process, instance, START)
      refused.note(refusal(process, instance), START + MINUTE)
    }
    heard(known, processName('a'), 'pod-1', START + 2 * MINUTE)
    expect(refused.list(START + 3 * MINUTE).map(({ bot }) => bot)).to.deep.equal(['pod-2'])
    expect(refused.list(START + 62 * MINUTE)).to.deep.equal([])
  })

  it('are counted from their first refusal where what began since was another bot behind their address', () => {
    const { known, refused } = memory()
    const behind = (process: string, at: number) =>
      known.take('shop', poll(OLD, process, { source: { ...POD, instance: null } }), at)
    behind(processName('a'), START)
    refused.note(refusal(processName('a'), null), START + MINUTE)
    behind(processName('b'), START + 2 * MINUTE)
    expect(refused.list(START + 2 * MINUTE)).to.deep.equal([])
    refused.note(refusal(processName('a'), null), START + 3 * MINUTE)
    expect(refused.list(START + 3 * MINUTE)[0]).to.include({ refusals: 2, firstAt: START + MINUTE })
  })

  it('stay within bounds however many are refused', () => {
    const { known, refused } = memory()
    for (let n = 0; n < 2_000; n++) {
      const process = n.toString(16).padStart(12, '0') + '4000' + '8000000000000000'
      heard(known, process, `pod-${n}`, START)
      refused.note(refusal(process, `pod-${n}`), START + MINUTE)
    }
    const list = refused.list(START + MINUTE)
    expect(list).to.have.length(500)
    const [warning] = refusedBotWarnings(list)
    expect(warning?.message).to.include('500 bots that polled before are refused').and.include('495 more')
  })
})
