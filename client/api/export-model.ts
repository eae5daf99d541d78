import { mkdir, open, rm } from 'node:fs/promises'
import path from 'node:path'
import { LONGEST_BUNDLE_BYTES } from '../../protocol/signature.ts'
import { PullFailure } from '../failure.ts'
import { readShortBody } from '../http/read-short-body.ts'
import { replaceFile } from '../../storage/filesystem/replace-file.ts'
import { renameDurably } from '../install/durable.ts'
import { hashChunks } from '../../storage/hash-chunks.ts'
import { hashFile } from '../install/hash-file.ts'
import type { ApiClient } from './api-client.ts'
import type { KnownReleaseSummary } from './known-schemas.ts'
import { exportedArchive, exportedBundle, exportFile, readExport, type ModelExport } from './model-export.ts'
import { listReleases, readModel } from './releases.ts'
import { listTags } from './tags.ts'

/**
 * Writes a model into a folder: every archive, once, every signature, and what the server knows of its releases and tags.
 * Archives that lie there already are not fetched again.
 *
 * @throws PullFailure; the folder holds no whole export then, or the one of another model that it held before.
 */
export async function exportModel(client: ApiClient, model: string, folder: string): Promise<ModelExport> {
  const about = await readModel(client, model)
  await refuseOtherModels(folder, model)
  await mkdir(path.join(folder, 'archives'), { recursive: true })
  await rm(exportFile(folder), { force: true })
  // The tags first: what they point at is among the releases that are listed after.
  const tags = await listTags(client, model)
  const releases = (await listReleases(client, model, Infinity)).reverse()
  for (const release of releases) {
    await fetchArchive(client, release, folder)
    await fetchBundle(client, release, folder)
  }
  const exported: ModelExport = {
    format: 'slipway-export',
    version: 1,
    model,
    defaultTag: about.defaultTag,
    releases,
    tags,
    ...(about.signatures === undefined ? {} : { signatures: about.signatures }),
  }
  await replaceFile(exportFile(folder), JSON.stringify(exported, null, 1))
  return exported
}

async function refuseOtherModels(folder: string, model: string): Promise<void> {
  // What is no export yet, or a damaged one, is written anew.
  const earlier = await readExport(folder).catch(() => undefined)
  if (earlier === undefined || earlier.model === model) return
  throw new PullFailure(
    'configuration',
    `${folder} holds an export of the model "${earlier.model}"; give "${model}" a folder of its own`,
    { again: false },
  )
}

async function fetchBundle(
  client: ApiClient,
  { model, number, signature }: KnownReleaseSummary,
  folder: string,
): Promise<void> {
  if (signature === null || signature === undefined) return
  const address = `api/v1/models/${encodeURIComponent(model)}/releases/${number}/bundle`
  const bundle = await client.fetch({ method: 'GET', path: address }, (reply) =>
    readShortBody(reply, LONGEST_BUNDLE_BYTES),
  )
  if (bundle === undefined)
    throw new PullFailure('unsound', `the signature of release ${number} of ${model} is too long`)
  const file = exportedBundle(folder, number)
  await mkdir(path.dirname(file), { recursive: true })
  await replaceFile(file, bundle.toString())
}

async function fetchArchive(
  client: ApiClient,
  { model, number, digest }: KnownReleaseSummary,
  folder: string,
): Promise<void> {
  const file = exportedArchive(folder, digest)
  if ((await hashFile(file).catch(() => undefined)) === digest) return
  const partial = `${file}.partial`
  const call = {
    method: 'GET' as const,
    isTransfer: true,
    path: `api/v1/models/${encodeURIComponent(model)}/releases/${number}/archive`,
  }
  const found = await client.fetch(call, async ({ chunks }) => {
    const target = await open(partial, 'w')
    try {
      const sha256 = await hashChunks(chunks, (chunk) => target.writeFile(chunk))
      await target.sync()
      return sha256
    } finally {
      await target.close()
    }
  })
  if (found !== digest)
    throw new PullFailure('unsound', `release ${number} of ${model} did not match its digest`)
  await renameDurably(partial, file)
}
