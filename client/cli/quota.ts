import { InvalidArgumentError, type Command } from 'commander'
import type { Quota } from '../../protocol/quota.ts'
import { changeQuota, readModel } from '../api/releases.ts'
import { describeQuota } from './describe-quota.ts'
import { exitCodesHelp } from './exit-code.ts'
import { byteCount, countFromOne } from './option-values.ts'
import { print, printJson } from './print.ts'
import { modelName } from './references.ts'
import { withServer } from './with-server.ts'

const EXAMPLES = `
A publish that would be more is refused (quota-exceeded, exit code 10) before
anything of it is kept; nothing is deleted. Prune, or raise the quota.

Examples:
  slipway quota shop                               show it
  slipway quota shop --releases 50 --bytes 20G     set it
  slipway quota shop --bytes none                  lift one limit
`

const EXIT_CODES_HELP = exitCodesHelp({ notFound: 'there is no such model' })

interface QuotaOptions {
  bytes?: number | 'none' | undefined
  releases?: number | 'none' | undefined
  json?: true
}

/** `slipway quota MODEL`. */
export function addQuota(program: Command): void {
  program
    .command('quota')
    .description('show or set how much a model may have: releases, bytes')
    .argument('<MODEL>', 'the model')
    .option('--releases <count>', 'how many releases; none lifts the limit', orNone(countFromOne))
    .option(
      '--bytes <size>',
      'bytes of its archives together, such as 20G; none lifts the limit',
      orNone(size),
    )
    .option('--json', 'print the model as JSON')
    .addHelpText('after', EXAMPLES + EXIT_CODES_HELP)
    .action((name: string, { bytes, releases, json }: QuotaOptions) =>
      withServer(async (client) => {
        const model = modelName(name)
        const isChange = bytes !== undefined || releases !== undefined
        const found = isChange
          ? await changeQuota(client, model, limitsOf({ bytes, releases }))
          : await readModel(client, model)
        if (json === true) printJson(found)
        else print(`${model}: ${describeQuota(found) ?? 'no quota'}`)
      }),
    )
}

/** What was said; the rest stays. */
function limitsOf({ bytes, releases }: QuotaOptions): Partial<Quota> {
  return {
    ...(bytes === undefined ? {} : { bytes: bytes === 'none' ? null : bytes }),
    ...(releases === undefined ? {} : { releases: releases === 'none' ? null : releases }),
  }
}

function size(text: string): number {
  const bytes = byteCount(text)
  if (bytes === 0) throw new InvalidArgumentError('Expected a size above 0, such as 20G.')
  return bytes
}

/** A word, not null: commander makes an empty text of that. */
function orNone(read: (text: string) => number): (text: string) => number | 'none' {
  return (text) => (text === 'none' ? text : read(text))
}
