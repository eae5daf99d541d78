import type { Command } from 'commander'
import { importModel } from '../api/import-model.ts'
import { exitCodesHelp } from './exit-code.ts'
import { modelName } from './references.ts'
import { withServer } from './with-server.ts'
import { print, printJson } from './print.ts'

const EXAMPLES = `
Releases get new numbers; who published them and when goes into their notes. An import that broke off can be repeated.

Examples:
  slipway import shop-export
  slipway import shop-export --model shop-copy
`

const EXIT_CODES_HELP = exitCodesHelp({
  disk: 'DIR cannot be read',
  unsound: 'the export is damaged',
  conflict: 'a tag cannot be moved to its release',
})

/** `slipway import DIR`. */
export function addImport(program: Command): void {
  program
    .command('import')
    .description('publish an exported model: its archives, the oldest first, then its tags')
    .argument('<DIR>', 'what slipway export wrote')
    .option('--model <name>', 'under another name')
    .option('--json', 'print one JSON object')
    .addHelpText('after', EXAMPLES + EXIT_CODES_HELP)
    .action((folder: string, options: { model?: string; json?: true }) =>
      withServer(async (client) => {
        const name = options.model === undefined ? undefined : modelName(options.model)
        const { model, releases } = await importModel(client, folder, name)
        if (options.json === true) printJson({ model, releases })
        else
          for (const { exported, release } of releases) print(`${model} release ${release} (was ${exported})`)
      }),
    )
}
