import type { Command } from 'commander'
import { promote } from '../api/move-tag.ts'
import { exitCodesHelp } from './exit-code.ts'
import { addStepOptions, policyFields, type PolicyOptions } from './policy-options.ts'
import { printMovedTag } from './print-moved-tag.ts'
import { printPreview } from './print-preview.ts'
import { releaseNumber, tagAddress } from './references.ts'
import { withServer } from './with-server.ts'
import { refuseWait, waitAsAsked, waitOption, type WaitOption } from './wait-option.ts'

const EXAMPLES = `
Examples:
  slipway promote shop@production 7
  slipway promote shop@production latest --reason 'passed the smoke test'
  slipway promote shop@production 8 --steps 1,25%,100% --soak 600 --dry-run
  slipway promote shop@production 8 --steps 1,25%,100% --soak 600 --wait
`

const EXIT_CODES_HELP = exitCodesHelp({
  waits: true,
  notFound: 'there is no such model, release or tag',
  conflict: 'the release was taken back before (see --force), or is damaged',
})

interface PromoteOptions extends PolicyOptions {
  reason?: string
  dryRun?: true
  wait?: WaitOption
  force?: true
  json?: true
}

/** `slipway promote MODEL@TAG RELEASE`. */
export function addPromote(program: Command): void {
  const command = program
    .command('promote')
    .description('move a tag to a release: for all bots at once, or step by step')
    .argument('<MODEL@TAG>', 'the tag; created if it does not exist')
    .argument('<RELEASE>', 'release number, MODEL#NUMBER, or another tag of the model')
    .option('--reason <text>', 'kept in the history of the tag')
  addStepOptions(command)
    .option('--dry-run', 'show what would happen, and change nothing')
    .addOption(waitOption())
    .option('--force', 'promote even a release that was taken back before')
    .option('--json', 'print the tag as JSON; with --wait, then its rollout on a second line')
    .addHelpText('after', EXAMPLES + EXIT_CODES_HELP)
    .action((where: string, which: string, options: PromoteOptions) =>
      withServer(async (client, signal) => {
        const { reason, force, wait, dryRun, json, ...rest } = options
        if (dryRun === true) refuseWait(wait)
        const address = tagAddress(where)
        const release = await releaseNumber(client, address.model, which)
        const fields = policyFields(rest)
        const policy = Object.keys(fields).length === 0 ? undefined : fields
        if (dryRun === true) {
          await printPreview(client, address, { release, policy }, json === true)
          return
        }
        const tag = await promote(client, address, release, { reason, policy, force })
        printMovedTag(tag, { json: json === true, policy })
        if (wait === undefined) return
        return waitAsAsked(client, tag, { release, wait, json: json === true, signal })
      }),
    )
}
