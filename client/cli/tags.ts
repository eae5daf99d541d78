import type { Command } from 'commander'
import { parseModelReference } from '../../protocol/names.ts'
import type { TagMove } from '../../protocol/tag.ts'
import type { KnownTag } from '../api/known-schemas.ts'
import { listTagMoves, listTags } from '../api/tags.ts'
import { exitCodesHelp } from './exit-code.ts'
import { modelName, modelNames } from './references.ts'
import { readableTime } from '../../protocol/readable-time.ts'
import { table } from './table.ts'
import { withServer } from './with-server.ts'
import { print, printJson } from './print.ts'

const EXAMPLES = `
Examples:
  slipway tags
  slipway tags shop
  slipway tags shop@production     the history of this tag
`

const EXIT_CODES_HELP = exitCodesHelp({ notFound: 'there is no such model or tag' })

/** `slipway tags [MODEL[@TAG]]`. */
export function addTags(program: Command): void {
  program
    .command('tags')
    .description("list the tags of a model, or of every model, or one tag's history")
    .argument('[MODEL[@TAG]]', 'a model, or one of its tags; without it, every model')
    .option('--json', 'print one JSON object per tag or move')
    .addHelpText('after', EXAMPLES + EXIT_CODES_HELP)
    .action((where: string | undefined, { json }: { json?: true }) =>
      withServer(async (client) => {
        const { model, tag } =
          where === undefined ? {} : (parseModelReference(where) ?? { model: modelName(where) })
        if (model !== undefined && tag !== undefined) {
          const moves = await listTagMoves(client, { model, tag })
          printRows(moves, [['MOVED', 'FROM', 'TO', 'BY', 'REASON'], ...moves.map(moveRow)], json)
          return
        }
        const tags: KnownTag[] = []
        for (const each of model === undefined ? await modelNames(client) : [model])
          tags.push(...(await listTags(client, each)))
        if (tags.length === 0 && json !== true) {
          print('no tags: the first archive that is published makes latest (slipway push --help)')
          return
        }
        printRows(tags, [['TAG', 'RELEASE', 'DIGEST', 'MOVED', 'BY', 'REASON'], ...tags.map(tagRow)], json)
      }),
    )
}

function tagRow({ model, tag, release, digest, movedAt, movedBy, reason }: KnownTag): string[] {
  return [
    `${model}@${tag}`,
    release.toString(),
    digest.slice(0, 12),
    readableTime(movedAt),
    movedBy,
    reason ?? '',
  ]
}

function moveRow({ movedAt, from, to, movedBy, reason }: TagMove): string[] {
  return [readableTime(movedAt), from?.toString() ?? '-', to?.toString() ?? 'deleted', movedBy, reason ?? '']
}

function printRows(items: object[], rows: string[][], json: true | undefined): void {
  if (json !== true) print(table(rows))
  else for (const item of items) printJson(item)
}
