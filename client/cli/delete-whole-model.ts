import type { DeletedModel } from '../../protocol/model-deletion.ts'
import { nameSome } from '../../protocol/name-some.ts'
import { readableSize } from '../../protocol/readable-size.ts'
import { shownText } from '../../protocol/shown-text.ts'
import type { ApiClient } from '../api/api-client.ts'
import { deleteModel, modelEntityTag } from '../api/releases.ts'
import { PullFailure } from '../failure.ts'
import { usageError } from './usage-error.ts'

/** What the command line says of the deletion of a model. */
export interface ModelDeletionOptions {
  /** How many releases it must have. */
  expect?: number
  force?: true
  dryRun?: true
}

/**
 * Deletes a model with all that it has. Whoever does not say how many releases it has is told instead what would go: a
 * number that was left out after `#` would do great harm.
 *
 * @throws PullFailure `usage` without `expect`, `conflict` where the model has another number of releases
 */
export async function deleteWholeModel(
  client: ApiClient,
  model: string,
  { expect, force, dryRun }: ModelDeletionOptions,
): Promise<DeletedModel> {
  const entityTag = await modelEntityTag(client, model)
  const contents = await deleteModel(client, model, { dryRun: true })
  if (dryRun === true) return contents
  const command = `slipway delete ${model} --expect ${contents.releases}${contents.needsForce ? ' --force' : ''}`
  if (expect === undefined)
    throw usageError(
      `"${model}" is a whole model: ${describeModelContents(contents)}. To delete all of it: ${command}. ` +
        `To delete one release: slipway delete '${model}#NUMBER'`,
    )
  if (expect !== contents.releases)
    throw new PullFailure(
      'conflict',
      `"${model}" has ${contents.releases} releases and not ${expect}; nothing was deleted. What it has: ${describeModelContents(contents)}`,
    )
  return deleteModel(client, model, { dryRun: false, force: force === true, entityTag })
}

/** What goes with a model, as a part of a sentence. */
export function describeModelContents({ releases, bytes, tags, bots }: DeletedModel): string {
  const size = `${releases} ${releases === 1 ? 'release' : 'releases'} (${readableSize(bytes)})`
  const runners =
    bots.length === 0
      ? 'no bot runs it'
      : `${bots.length === 1 ? '1 bot runs' : `${bots.length} bots run`} it (${shownNames(bots)})`
  return `${size}, the ${tags.length === 1 ? 'tag' : 'tags'} ${shownNames(tags)}; ${runners}`
}

function shownNames(names: readonly string[]): string {
  return nameSome(names.map((name) => shownText(name)))
}
