import type { Command } from 'commander'
import { rollBack } from '../api/tags.ts'
import { EXIT_CODES_HELP } from './exit-code.ts'
import { printMovedTag } from './print-moved-tag.ts'
import { releaseNumber, tagAddress } from './references.ts'
import { waitAsAsked, waitOption, type WaitOption } from './wait-option.ts'
import { withServer } from './with-server.ts'

const EXAMPLES = `
During a rollout, without RELEASE, it takes that rollout back.
Examples:
  slipway rollback shop@production
  slipway rollback shop@production 5 --reason 'answers nothing' --wait
`

interface RollbackOptions {
  reason?: string
  wait?: WaitOption
  force?: true
  json?: true
}

/** `slipway rollback MODEL@TAG [RELEASE]`. */
export function addRollback(program: Command): void {
  program
    .command('rollback')
    .description('point a tag at the release before, or at an earlier one')
    .argument('<MODEL@TAG>', 'the tag')
    .argument('[RELEASE]', 'a number, or another tag of the model; where the tag was before, without')
    .option('--reason <text>', 'why, for the history')
    .addOption(waitOption())
    .option('--force', 'also to a release that was taken back before')
    .option('--json', 'print the tag, with --wait also its rollout in the end, as JSON a line')
    .addHelpText('after', EXAMPLES + EXIT_CODES_HELP)
    .action((where: string, which: string | undefined, options: RollbackOptions) =>
      withServer(async (client, signal) => {
        const { reason, force, wait, json } = options
        const address = tagAddress(where)
        const wanted = which === undefined ? undefined : await releaseNumber(client, address.model, which)
        const tag = await rollBack(client, address, wanted, { reason, force })
        printMovedTag(tag, json === true)
        if (wait === undefined) return
        return waitAsAsked(client, tag, { release: tag.release, wait, json: json === true, signal })
      }),
    )
}
