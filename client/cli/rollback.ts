import type { Command } from 'commander'
import { rollBack } from '../api/tags.ts'
import { WAIT_EXIT_CODES_HELP } from './exit-code.ts'
import { printMovedTag } from './print-moved-tag.ts'
import { releaseNumber, tagAddress } from './references.ts'
import { waitAsAsked, waitOption, type WaitOption } from './wait-option.ts'
import { withServer } from './with-server.ts'

const EXAMPLES = `
Without RELEASE it follows the history of the tag, not the release numbers.
During a rollout, without RELEASE, it aborts that rollout.

Examples:
  slipway rollback shop@production
  slipway rollback shop@production 5 --reason 'wrong answers' --wait
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
    .description('move a tag back to its previous release, or to a given one')
    .argument('<MODEL@TAG>', 'the tag')
    .argument('[RELEASE]', 'a release number or tag; default: the release that the tag pointed at before')
    .option('--reason <text>', 'kept in the history of the tag')
    .addOption(waitOption())
    .option('--force', 'even if the release was taken back before')
    .option('--json', 'print the tag as JSON; with --wait, then its rollout on a second line')
    .addHelpText('after', EXAMPLES + WAIT_EXIT_CODES_HELP)
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
