import { eventually } from '../eventually.ts'
import type { FaultProxy } from '../fault-proxy.ts'
import type { SingleAnswer } from './single-request.ts'

/**
 * Waits until a server has sent a text, and what it asked for was done, and knows of no answer.
 *
 * @param answer Of whoever had the server do that: one that comes before is a fault.
 */
export async function untilHeld(
  wire: FaultProxy,
  to: string,
  answer: Promise<SingleAnswer>,
  deadlineMs = 120_000,
): Promise<void> {
  wire.inject({ kind: 'hold-answer', to })
  let early: SingleAnswer | undefined
  void answer.then((came) => (early = came))
  const isHeld = (): boolean => {
    if (early !== undefined) throw new Error(`answered ${early.status}: ${JSON.stringify(early.body)}`)
    return wire.strikes() > 0
  }
  await eventually(`it stands at ${to}`, isHeld, deadlineMs)
}
