import type { Command } from 'commander'
import { rollBack } from '../api/move-tag.ts'
import { exitCodesHelp } from './exit-code.ts'
import { print } from './print.ts'
import { printMovedTag } from './print-moved-tag.ts'
import { printPreview } from './print-preview.ts'
import { releaseNumber, tagAddress } from './references.ts'
import { usageError } from './usage-error.ts'
import { refuseWait, waitAsAsked, waitOption, type WaitOption } from './wait-option.ts'
import { withServer } from './with-server.ts'

const EXAMPLES = `
Without RELEASE the tag goes to the release that it pointed at before the one
that it points at now, by its history (slipway tags MODEL@TAG), not by number:
after promote 1, 2, 3 it goes to 2, and the next rollback to 1. Promoting a
release again undoes what came after it: after promote 1, 2, 3, 2 it goes to 1.
Releases that were taken back from bots are passed over. During a rollout,
without RELEASE, it aborts that rollout; during a rollback it goes one release
further back. Where a rollback under way takes too long, name the RELEASE that
the bots go back to once more, with --now.

Examples:
  slipway rollback shop@production --dry-run
  slipway rollback shop@production
  slipway rollback shop@production 5 --reason 'wrong answers' --wait
`

const EXIT_CODES_HELP = exitCodesHelp({
  waits: true,
  notFound: 'there is no such model, release or tag',
  conflict:
    'there is nothing to roll back to, the release was taken back before (see --force), or somebody else changed the tag at the same moment',
})

interface RollbackOptions {
  reason?: string
  wait?: WaitOption
  force?: true
  now?: true
  dryRun?: true
  json?: true
}

/** `slipway rollback MODEL@TAG [RELEASE]`. */
export function addRollback(program: Command): void {
  program
    .command('rollback')
    .description('move a tag back to its previous release, or to a given one')
    .argument('<MODEL@TAG>', 'the tag')
    .argument('[RELEASE]', 'release number, MODEL#NUMBER or tag; default: the previous release')
    .option('--reason <text>', 'kept in the history of the tag')
    .option('--dry-run', 'show where it would lead, and change nothing')
    .addOption(waitOption())
    .option('--force', 'promote even a release that was taken back before')
    .option('--now', 'all bots at once, without --max-updating and --drain')
    .option('--json', 'print the tag as JSON; with --wait, then its rollout on a second line')
    .addHelpText('after', EXAMPLES + EXIT_CODES_HELP)
    .action((where: string, which: string | undefined, options: RollbackOptions) =>
      withServer(async (client, signal) => {
        const { reason, force, now, wait, dryRun, json } = options
        if (dryRun === true) refuseWait(wait)
        if (dryRun === true && force === true && which === undefined)
          throw usageError(
            '--dry-run without RELEASE shows where a rollback leads without --force: name the release',
          )
        const address = tagAddress(where)
        const wanted = which === undefined ? undefined : await releaseNumber(client, address.model, which)
        if (dryRun === true) {
          await printPreview(client, address, { rollback: true, release: wanted, now }, json === true)
          return
        }
        const tag = await rollBack(client, address, wanted, { reason, force, now })
        printMovedTag(tag, {
          json: json === true,
          policy: now === true ? { maxUpdating: null } : {},
          isRollback: true,
        })
        if (json !== true && now === true && tag.rollout != null)
          print(
            `note: all bots get release ${tag.release} at their next polls, without --max-updating and --drain`,
          )
        if (wait === undefined) return
        return waitAsAsked(client, tag, { release: tag.release, wait, json: json === true, signal })
      }),
    )
}
