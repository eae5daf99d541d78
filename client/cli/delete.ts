import type { Command } from 'commander'
import { deleteRelease } from '../api/releases.ts'
import { deleteTag } from '../api/tags.ts'
import { exitCodesHelp } from './exit-code.ts'
import { print, printJson } from './print.ts'
import { releaseReference } from './references.ts'
import { usageError } from './usage-error.ts'
import { withServer } from './with-server.ts'

const EXAMPLES = `
A release is deleted only while no tag points at it and no rollout needs it; its
number is never given again. A tag's history stays. slipway prune deletes old
releases by rule.

Examples:
  slipway delete 'shop#3'          a release
  slipway delete shop@staging      a tag; its release stays
`

const EXIT_CODES_HELP = exitCodesHelp({
  notFound: 'there is no such model, release or tag',
  conflict: 'a tag points at the release, a rollout needs it, or the tag is the default tag',
})

/** `slipway delete MODEL#NUMBER` and `slipway delete MODEL@TAG`. */
export function addDelete(program: Command): void {
  program
    .command('delete')
    .description('delete one release, or one tag')
    .argument('<RELEASE|TAG>', 'MODEL#NUMBER or MODEL@TAG')
    .option('--json', 'print what was deleted as JSON')
    .addHelpText('after', EXAMPLES + EXIT_CODES_HELP)
    .action((text: string, { json }: { json?: true }) =>
      withServer(async (client) => {
        const { model, number, tag } = releaseReference(text)
        if (number !== undefined) await deleteRelease(client, model, number)
        else if (tag !== undefined) await deleteTag(client, { model, tag })
        else
          throw usageError(
            `"${text}" is a whole model; name a release (${model}#NUMBER) or a tag (${model}@TAG)`,
          )
        if (json === true) printJson({ deleted: text })
        else print(`deleted ${text}`)
      }),
    )
}
