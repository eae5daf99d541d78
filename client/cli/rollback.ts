import type { Command } from 'commander'
import { rollBack } from '../api/tags.ts'
import { EXIT_CODES_HELP } from './exit-code.ts'
import { releaseNumber, tagAddress } from './references.ts'
import { withServer } from './with-server.ts'
import { print } from './print.ts'
import { printWarnings } from './print-warnings.ts'
import { jsonLine } from '../../protocol/shown-text.ts'

const EXAMPLES = `
Examples:
  slipway rollback shop@production
  slipway rollback shop@production 5 --reason 'answers nothing'
`

/** `slipway rollback MODEL@TAG [RELEASE]`. */
export function addRollback(program: Command): void {
  program
    .command('rollback')
    .description('point a tag at the release before, or at an earlier one')
    .argument('<MODEL@TAG>', 'the tag')
    .argument('[RELEASE]', 'a number, or another tag of the model; where the tag was before, without')
    .option('--reason <text>', 'why, for the history')
    .option('--json', 'print the tag as JSON')
    .addHelpText('after', EXAMPLES + EXIT_CODES_HELP)
    .action((where: string, which: string | undefined, options: { reason?: string; json?: true }) =>
      withServer(async (client) => {
        const address = tagAddress(where)
        const release = which === undefined ? undefined : await releaseNumber(client, address.model, which)
        const tag = await rollBack(client, address, release, options.reason)
        printWarnings(tag.warnings)
        print(options.json === true ? jsonLine(tag) : `${tag.model}@${tag.tag} is release ${tag.release}`)
      }),
    )
}
