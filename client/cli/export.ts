import type { Command } from 'commander'
import { exportModel } from '../api/export-model.ts'
import { exitCodesHelp } from './exit-code.ts'
import { modelName } from './references.ts'
import { withServer } from './with-server.ts'
import { print, printJson } from './print.ts'

const EXAMPLES = `
Examples:
  slipway export shop shop-export
  SLIPWAY_URL=https://other.example.com slipway import shop-export
`

const EXIT_CODES_HELP = exitCodesHelp({
  disk: 'DIR cannot be written',
  unsound: 'an archive did not match its digest',
  notFound: 'there is no such model',
})

/** `slipway export MODEL DIR`. */
export function addExport(program: Command): void {
  program
    .command('export')
    .description('write one model, its archives, releases and tags, into a folder')
    .argument('<MODEL>', 'the model')
    .argument('<DIR>', 'the folder; archives that are there already are not fetched again')
    .option('--json', 'print one JSON object')
    .addHelpText('after', EXAMPLES + EXIT_CODES_HELP)
    .action((name: string, folder: string, options: { json?: true }) =>
      withServer(async (client) => {
        const { model, releases, tags } = await exportModel(client, modelName(name), folder)
        if (options.json === true) printJson({ model, folder, releases: releases.length, tags: tags.length })
        else print(`${model}: ${releases.length} releases and ${tags.length} tags in ${folder}`)
      }),
    )
}
