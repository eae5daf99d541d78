import type { Command } from 'commander'
import { readModel, setDefaultTag } from '../api/releases.ts'
import { exitCodesHelp } from './exit-code.ts'
import { print, printJson } from './print.ts'
import { modelName } from './references.ts'
import { withServer } from './with-server.ts'

const EXAMPLES = `
Bots that poll /models/MODEL without a tag get what the default tag points at;
it is latest until another one is chosen.

Examples:
  slipway default-tag shop               show it
  slipway default-tag shop production    choose it
`

const EXIT_CODES_HELP = exitCodesHelp({
  notFound: 'there is no such model',
  conflict: 'a rollout of one of the tags is under way',
})

/** `slipway default-tag MODEL [TAG]`. */
export function addDefaultTag(program: Command): void {
  program
    .command('default-tag')
    .description('show or set the tag that bots get when they name none')
    .argument('<MODEL>', 'the model')
    .argument('[TAG]', 'a tag of the model')
    .option('--json', 'print the model as JSON')
    .addHelpText('after', EXAMPLES + EXIT_CODES_HELP)
    .action((name: string, tag: string | undefined, { json }: { json?: true }) =>
      withServer(async (client) => {
        const model = modelName(name)
        const found = await (tag === undefined
          ? readModel(client, model)
          : setDefaultTag(client, model, modelName(tag)))
        if (json === true) printJson(found)
        else print(`${model}@${found.defaultTag}`)
      }),
    )
}
