import { InvalidArgumentError, type Command } from 'commander'
import type { ApiClient } from '../api/api-client.ts'
import { deleteRelease } from '../api/releases.ts'
import { deleteOneTag } from './delete-one-tag.ts'
import { deleteWholeModel, describeModelContents, type ModelDeletionOptions } from './delete-whole-model.ts'
import { exitCodesHelp } from './exit-code.ts'
import { print, printJson } from './print.ts'
import { releaseReference } from './references.ts'
import { usageError } from './usage-error.ts'
import { withServer } from './with-server.ts'

const EXAMPLES = `
A release is deleted only while no tag points at it and no rollout needs it; its
number is never given again, nor are those of a deleted model. A tag's history
stays, its policy does not. Bots that poll a deleted tag are answered 404: they
go on with what they run, and get no model when they start. A model goes with
all its releases and tags; --expect says how many releases that is. slipway
prune deletes old releases by rule.

Examples:
  slipway delete 'shop#3'            a release
  slipway delete shop@staging        a tag that no bot polls; its release stays
  slipway delete shop --dry-run      a model: what would go
  slipway delete shop --expect 7     a model with its 7 releases
`

const EXIT_CODES_HELP = exitCodesHelp({
  notFound: 'there is no such model, release or tag',
  conflict:
    'a tag points at the release, a rollout needs it, the tag is the default tag, bots poll it, or the model is in use or has another number of releases',
})

type DeleteOptions = ModelDeletionOptions & { json?: true }

/** `slipway delete MODEL#NUMBER`, `slipway delete MODEL@TAG` and `slipway delete MODEL`. */
export function addDelete(program: Command): void {
  program
    .command('delete')
    .description('delete one release, one tag, or a whole model')
    .argument('<WHAT>', 'MODEL#NUMBER, MODEL@TAG, or MODEL')
    .option('--expect <releases>', 'with MODEL: how many releases it has; else nothing is deleted', count)
    .option(
      '--force',
      'with MODEL@TAG: also where bots poll it; with MODEL: also where bots run it, or people made tags of it',
    )
    .option('--dry-run', 'with MODEL: show what would go, and delete nothing')
    .option('--json', 'print what was deleted as JSON')
    .addHelpText('after', EXAMPLES + EXIT_CODES_HELP)
    .action((text: string, { json, ...options }: DeleteOptions) =>
      withServer(async (client) => {
        const { model, number, tag } = releaseReference(text)
        if (number === undefined && tag === undefined) {
          const gone = await deleteWholeModel(client, model, options)
          if (json === true) printJson(gone)
          else print(`${gone.dryRun ? 'would delete' : 'deleted'} ${model}: ${describeModelContents(gone)}`)
          return
        }
        const { force, ...ofModels } = options
        if (Object.keys(ofModels).length > 0)
          throw usageError('--expect and --dry-run belong to the deletion of a whole model')
        if (number !== undefined && force === true)
          throw usageError('--force belongs to the deletion of a tag or of a whole model')
        const hadPolicy = await deletePart(client, { model, number, tag }, force)
        if (json === true) printJson({ deleted: text })
        else print(`deleted ${text}${hadPolicy ? ', and its policy' : ''}`)
      }),
    )
}

/** @returns Whether a policy went with it. */
async function deletePart(
  client: ApiClient,
  { model, number, tag = '' }: { model: string; number: number | undefined; tag: string | undefined },
  force: true | undefined,
): Promise<boolean> {
  if (number === undefined) return (await deleteOneTag(client, { model, tag }, { force })).hadPolicy
  await deleteRelease(client, model, number)
  return false
}

function count(text: string): number {
  if (/^\d{1,9}$/.test(text)) return Number(text)
  throw new InvalidArgumentError('Expected how many releases the model has.')
}
