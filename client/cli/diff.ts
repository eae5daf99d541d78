import type { Command } from 'commander'
import { compareArchives } from '../../archives/differences/compare-archives.ts'
import { isFileArgument, readNamedArchive } from './archive-argument.ts'
import { describeDiff } from './describe-diff.ts'
import { exitCodesHelp } from './exit-code.ts'
import { print, printJson } from './print.ts'
import { parseReleaseReference } from './references.ts'
import { readChanges } from './read-changes.ts'
import { terminalWidth } from './terminal-width.ts'
import { withServer } from './with-server.ts'

const EXAMPLES = `
A and B are each MODEL#NUMBER, MODEL@TAG, MODEL (what its default tag
points at), or a file; B may be the bare number of another release of A's model.

  +  only in B        -  only in A        ~  in both, and defined otherwise:
                                             its old (-) and new (+) lines

Examples:
  slipway diff shop@production shop@latest
  slipway diff 'shop#6' 7
  slipway diff shop@production models/20261123-084606-horizontal-rail.tar.gz
`

const EXIT_CODES_HELP = exitCodesHelp({
  disk: 'a file cannot be read',
  unsound: 'a file is not a sound archive',
  notFound: 'there is no such model, release or tag',
})

/** `slipway diff A B`. */
export function addDiff(program: Command): void {
  program
    .command('diff')
    .description('show what differs between two releases or archives')
    .argument('<A>', 'a release or a file')
    .argument('<B>', 'another one')
    .option('--all', 'name every intent, response and changed line, however many there are')
    .option('--json', 'print one JSON object')
    .addHelpText('after', EXAMPLES + EXIT_CODES_HELP)
    .action((a: string, b: string, { all, json }: { all?: true; json?: true }) =>
      withServer(async (client, signal) => {
        const ofModel = isFileArgument(a) ? undefined : parseReleaseReference(a)?.model
        const from = await readNamedArchive(a, { client, signal })
        const to = await readNamedArchive(b, { client, signal, ofModel })
        const differences = compareArchives(from, to)
        const changes = await readChanges(client, [from, to], differences, signal)
        if (json === true) printJson({ from: from.name, to: to.name, ...differences, ...changes })
        else {
          const layout = { width: terminalWidth(), ...(all === true && { most: Infinity }) }
          print(describeDiff({ ...differences, ...changes }, from.name, to.name, layout))
        }
      }),
    )
}
