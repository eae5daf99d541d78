import type { StatusWarning } from '../../protocol/status.ts'
import { nameSome } from '../../protocol/name-some.ts'
import { PROBLEMS } from '../../protocol/problem-table.ts'
import type { RefusedBot } from './refused-bots.ts'

/** What `slipway status` says of bots that get no model: one warning for all that are refused, one for all whose tag does not exist. */
export function refusedBotWarnings(refused: readonly RefusedBot[]): StatusWarning[] {
  const isWithoutTag = ({ code }: RefusedBot): boolean => code === 'no-release-tagged'
  return [
    ...warningOfRefused(refused.filter((bot) => !isWithoutTag(bot))),
    ...warningOfMissingTags(refused.filter(isWithoutTag)),
  ]
}

function warningOfRefused(bots: readonly RefusedBot[]): StatusWarning[] {
  if (bots.length === 0) return []
  const some = `${counted(bots)} that polled before ${bots.length === 1 ? 'is' : 'are'} refused`
  return [
    {
      code: 'bots-refused',
      message:
        `${some}: ${nameSome(bots.map(describeRefusedBot))}. They go on with what they run, and get no model when they start. Look at slipway token list: a token ` +
        'ended, was revoked, or does not allow these models; or pulls were open to all until the first token that allows pull.',
    },
  ]
}

function warningOfMissingTags(bots: readonly RefusedBot[]): StatusWarning[] {
  const [first] = bots
  if (first === undefined) return []
  const some = `${counted(bots)} that polled before ${bots.length === 1 ? 'polls' : 'poll'} a tag that does not exist`
  return [
    {
      code: 'bots-without-tag',
      message:
        `${some}: ${nameSome(bots.map(describeBotWithoutTag))}. They go on with what they run, and get no model when they start. ` +
        `Make the tag again (slipway promote ${first.model}@${first.tag} RELEASE) or, where the model was deleted, have them poll another model.`,
    },
  ]
}

function counted({ length }: readonly RefusedBot[]): string {
  return length === 1 ? '1 bot' : `${length} bots`
}

function describeRefusedBot({ bot, model, code, firstAt }: RefusedBot): string {
  return `${bot} of ${model} (${PROBLEMS[code].status} ${code} since ${new Date(firstAt).toISOString()})`
}

function describeBotWithoutTag({ bot, model, tag, code, firstAt }: RefusedBot): string {
  return `${bot} of ${model}@${tag} (${PROBLEMS[code].status} since ${new Date(firstAt).toISOString()})`
}
