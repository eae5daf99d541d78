import type { Dirent } from 'node:fs'
import { lstat, readdir } from 'node:fs/promises'
import path from 'node:path'
import type { FoundItem, IntakeListing } from '../intake-source.ts'
import { DEFAULT_MODEL, isName, NAME_RULE } from '../../../protocol/names.ts'

/** A file of the inbox that may be an archive. */
export type FoundFile = FoundItem & { changedAt: number }

/**
 * Looks through the inbox: the folder itself (model `default`) and one level of folders, each named after
 * its model. Hidden entries, and files that nobody could mean to publish, are left out.
 *
 * @param root The inbox, an absolute path.
 * @throws whatever reading the folder itself throws.
 */
export async function listInbox(root: string): Promise<IntakeListing<FoundFile>> {
  const listing: IntakeListing<FoundFile> = { items: [], ignored: [] }
  const entries = await visibleEntries(root)
  await listFiles(listing, root, '', DEFAULT_MODEL, entries)
  for (const { name } of entries.filter((entry) => entry.isDirectory())) {
    if (isName(name)) await listModelFolder(listing, root, name)
    else
      listing.ignored.push({
        path: name,
        reason: `the name of a folder is that of its model, and ${NAME_RULE}`,
      })
  }
  return listing
}

async function listModelFolder(
  listing: IntakeListing<FoundFile>,
  root: string,
  model: string,
): Promise<void> {
  let entries: Dirent[]
  try {
    entries = await visibleEntries(path.join(root, model))
  } catch (error) {
    if (!isGone(error)) listing.ignored.push({ path: model, reason: unreadableReason(error) })
    return
  }
  await listFiles(listing, root, `${model}/`, model, entries)
  for (const { name } of entries.filter((entry) => entry.isDirectory())) {
    const reason = 'folders are looked into one level deep: models/{model}/{name}.tar.gz'
    listing.ignored.push({ path: `${model}/${name}`, reason })
  }
}

async function listFiles(
  { items, ignored }: IntakeListing<FoundFile>,
  root: string,
  prefix: string,
  model: string,
  entries: Dirent[],
): Promise<void> {
  await Promise.all(
    entries.map(async (entry) => {
      if (entry.isDirectory()) return
      const relative = prefix + entry.name
      const reason = reasonToIgnore(entry)
      if (reason !== undefined) ignored.push({ path: relative, reason })
      else if (entry.name.endsWith('.tar.gz')) {
        const stats = await lstat(path.join(root, relative)).catch((error: unknown) => {
          // One file must not keep all others from being taken.
          if (!isGone(error)) ignored.push({ path: relative, reason: unreadableReason(error) })
        })
        if (stats?.isFile() !== true) return
        const { size, mtimeMs: modifiedAt, ctimeMs: changedAt } = stats
        items.push({ path: relative, model, size, modifiedAt, changedAt })
      }
    }),
  )
}

function reasonToIgnore(entry: Dirent): string | undefined {
  const { name } = entry
  if (entry.isSymbolicLink())
    return 'it is a symbolic link, and these are not followed; put the file itself here'
  if (!name.endsWith('.tar.gz')) {
    return /\.(tgz|zip|tar|tar\.gz)$/i.test(name) ? 'only files named *.tar.gz are taken' : undefined
  }
  if (!entry.isFile()) return 'it is no regular file'
  if (name.includes('\uFFFD')) return 'its name is not valid UTF-8'
  return undefined
}

async function visibleEntries(folder: string): Promise<Dirent[]> {
  const entries = await readdir(folder, { withFileTypes: true })
  return entries.filter(({ name }) => !name.startsWith('.'))
}

function unreadableReason(error: unknown): string {
  return `it cannot be looked at (${error instanceof Error && 'code' in error ? String(error.code) : String(error)})`
}

/** Whether it was taken away between being listed and being looked at. */
function isGone(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR')
}
