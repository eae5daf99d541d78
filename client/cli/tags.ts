import type { Command } from 'commander'
import { DEFAULT_MODEL, parseModelReference } from '../../protocol/names.ts'
import type { TagMove } from '../../protocol/tag.ts'
import { listTagMoves, listTags } from '../api/tags.ts'
import { EXIT_CODES_HELP } from './exit-code.ts'
import { modelName } from './references.ts'
import { readableTime, table } from './table.ts'
import { withServer } from './with-server.ts'
import { print, printJson } from './print.ts'
import { shownText } from '../../protocol/shown-text.ts'

const EXAMPLES = `
Examples:
  slipway tags shop
  slipway tags shop@production     the history of this tag
`

/** `slipway tags [MODEL[@TAG]]`. */
export function addTags(program: Command): void {
  program
    .command('tags')
    .description("list the tags of a model, or one tag's history")
    .argument('[MODEL[@TAG]]', 'a model, or one of its tags', DEFAULT_MODEL)
    .option('--json', 'print one JSON object per tag or move')
    .addHelpText('after', EXAMPLES + EXIT_CODES_HELP)
    .action((where: string, options: { json?: true }) =>
      withServer(async (client) => {
        const { model, tag } = parseModelReference(where) ?? { model: modelName(where) }
        if (tag === undefined) {
          const tags = await listTags(client, model)
          const rows = tags.map((each) => [
            each.tag,
            each.release.toString(),
            each.digest.slice(0, 12),
            readableTime(each.movedAt),
            each.movedBy,
            shownText(each.reason ?? ''),
          ])
          printRows(tags, [['TAG', 'RELEASE', 'DIGEST', 'MOVED', 'BY', 'REASON'], ...rows], options.json)
          return
        }
        const moves = await listTagMoves(client, { model, tag })
        printRows(moves, [['MOVED', 'FROM', 'TO', 'BY', 'REASON'], ...moves.map(moveRow)], options.json)
      }),
    )
}

function moveRow({ movedAt, from, to, movedBy, reason }: TagMove): string[] {
  return [
    readableTime(movedAt),
    from?.toString() ?? '-',
    to?.toString() ?? 'deleted',
    movedBy,
    shownText(reason ?? ''),
  ]
}

function printRows(items: object[], rows: string[][], json: true | undefined): void {
  if (json !== true) print(table(rows))
  else for (const item of items) printJson(item)
}
