import type { Command } from 'commander'
import { promote } from '../api/tags.ts'
import { EXIT_CODES_HELP } from './exit-code.ts'
import { releaseNumber, tagAddress } from './references.ts'
import { withServer } from './with-server.ts'
import { print } from './print.ts'
import { printWarnings } from './print-warnings.ts'
import { jsonLine } from '../../protocol/shown-text.ts'

const EXAMPLES = `
Examples:
  slipway promote shop@production 7
  slipway promote shop@production latest --reason 'passed the smoke test'
`

/** `slipway promote MODEL@TAG RELEASE`. */
export function addPromote(program: Command): void {
  program
    .command('promote')
    .description('point a tag at a release')
    .argument('<MODEL@TAG>', 'the tag, made where it does not exist')
    .argument('<RELEASE>', 'a number, or another tag of the model to take it from')
    .option('--reason <text>', 'why, for the history')
    .option('--json', 'print the tag as JSON')
    .addHelpText('after', EXAMPLES + EXIT_CODES_HELP)
    .action((where: string, which: string, options: { reason?: string; json?: true }) =>
      withServer(async (client) => {
        const address = tagAddress(where)
        const release = await releaseNumber(client, address.model, which)
        const tag = await promote(client, address, release, options.reason)
        printWarnings(tag.warnings)
        print(options.json === true ? jsonLine(tag) : `${tag.model}@${tag.tag} is release ${tag.release}`)
      }),
    )
}
