import { readFile } from 'node:fs/promises'
import { errorCode } from '../failure.ts'
import type { ApiClient } from './api-client.ts'
import { knownModelSchema, type KnownReleaseSummary } from './known-schemas.ts'
import { exportedArchive, exportedBundle, readExport, type ModelExport } from './model-export.ts'
import { promote } from './move-tag.ts'
import { pushArchive } from './push-archive.ts'
import { listModels, listReleases } from './releases.ts'

/** Which number each exported release has got. */
export interface ImportedRelease {
  exported: number
  release: number
}

/**
 * Publishes an exported model, the oldest release first, then points its tags. Releases get new numbers, and who
 * published them when goes into their notes. What the model has already is not published again, so that an import that
 * broke off can be repeated.
 *
 * @param model Another name for it; its own without.
 */
export async function importModel(
  client: ApiClient,
  folder: string,
  model?: string,
): Promise<{ model: string; releases: ImportedRelease[] }> {
  const exported = await readExport(folder)
  const name = model ?? exported.model
  const numbers = await numbersByDigest(client, name)
  const releases: ImportedRelease[] = []
  for (const release of exported.releases) {
    const known = numbers.get(release.digest) ?? (await publish(client, folder, name, release))
    numbers.set(release.digest, known)
    releases.push({ exported: release.number, release: known })
  }
  for (const { tag, digest, reason } of exported.tags) {
    const release = numbers.get(digest)
    // latest moves by itself with each publish.
    if (tag !== 'latest' && release !== undefined)
      await promote(client, { model: name, tag }, release, { reason: reason ?? 'imported' })
  }
  await changeSettings(client, name, exported)
  return { model: name, releases }
}

/** A model that requires signatures already keeps its own rules. */
async function changeSettings(
  client: ApiClient,
  model: string,
  { defaultTag, signatures }: Pick<ModelExport, 'defaultTag' | 'signatures'>,
): Promise<void> {
  const path = `api/v1/models/${encodeURIComponent(model)}`
  const known = await client.call({ method: 'GET', path }, knownModelSchema)
  const changes = {
    ...(defaultTag === known.defaultTag || defaultTag === 'latest' ? {} : { defaultTag }),
    ...(signatures && !known.signatures ? { signatures } : {}),
  }
  if (Object.keys(changes).length > 0)
    await client.call({ method: 'PATCH', path, json: changes }, knownModelSchema)
}

async function publish(
  client: ApiClient,
  folder: string,
  model: string,
  { model: from, number, digest, filename, notes, publishedAt, publishedBy }: KnownReleaseSummary,
): Promise<number> {
  const origin = `imported: release ${number} of ${from}, published ${publishedAt} by ${publishedBy}`
  const release = await pushArchive(client, {
    file: exportedArchive(folder, digest),
    model,
    tags: [],
    name: filename,
    notes: notes === '' ? origin : `${notes}\n${origin}`,
    bundle: await readBundle(exportedBundle(folder, number)),
  })
  return release.number
}

/** undefined where the release was not signed. */
async function readBundle(file: string): Promise<Uint8Array | undefined> {
  return readFile(file).catch((error: unknown) => {
    if (errorCode(error) === 'ENOENT') return undefined
    throw error
  })
}

async function numbersByDigest(client: ApiClient, model: string): Promise<Map<string, number>> {
  const models = await listModels(client)
  if (!models.some((each) => each.model === model)) return new Map()
  const releases = await listReleases(client, model, Infinity)
  return new Map(releases.reverse().map(({ digest, number }) => [digest, number]))
}
