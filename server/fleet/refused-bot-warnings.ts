import type { StatusWarning } from '../../protocol/status.ts'
import { nameSome } from '../../protocol/name-some.ts'
import { PROBLEMS } from '../../protocol/problem-table.ts'
import type { RefusedBot } from './refused-bots.ts'

/** What `slipway status` says of bots that are refused: one warning for all of them, none where there are none. */
export function refusedBotWarnings(refused: readonly RefusedBot[]): StatusWarning[] {
  const [first] = refused
  if (first === undefined) return []
  const some =
    refused.length === 1
      ? '1 bot that polled before is refused'
      : `${refused.length} bots that polled before are refused`
  return [
    {
      code: 'bots-refused',
      message:
        `${some}: ${nameSome(refused.map(describeRefusedBot))}. They go on with what they run, and get no model when they start. Look at slipway token list: a token ` +
        'ended, was revoked, or does not allow these models; or pulls were open to all until the first token that allows pull.',
    },
  ]
}

function describeRefusedBot({ bot, model, code, firstAt }: RefusedBot): string {
  return `${bot} of ${model} (${PROBLEMS[code].status} ${code} since ${new Date(firstAt).toISOString()})`
}
