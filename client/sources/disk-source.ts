import { constants, open, readdir, stat } from 'node:fs/promises'
import type { BigIntStats } from 'node:fs'
import path from 'node:path'
import { safeFileName } from '../../protocol/file-name.ts'
import { PullFailure, errorCode } from '../failure.ts'
import { DEFAULT_ARCHIVE_NAME } from '../http/archive-name.ts'
import { isArchiveName, newest } from './newest-archive.ts'
import { readChunks } from './read-chunks.ts'
import type { Answer, Question, Source } from './source.ts'

/**
 * A file, or the newest archive of a folder (by modification time, not recursive), as `rasa run --model` takes it.
 * What is asked is the disk as it is then: with `watch`, a newer archive is a change.
 */
export function diskSource(where: string): Source {
  const base = path.resolve(where)
  return {
    description: base,
    key: `disk ${base}`,
    ask: (question) => ask(base, question),
    close: () => Promise.resolve(),
  }
}

async function ask(base: string, { claim, partial, signal }: Question): Promise<Answer> {
  try {
    const file = await selected(base)
    // Nobody's FIFO or device may hold us up: open without blocking, then look what it is.
    const handle = await open(file, constants.O_RDONLY | constants.O_NONBLOCK)
    let handedOver = false
    try {
      const facts = await handle.stat({ bigint: true })
      if (!facts.isFile()) throw new PullFailure('source', `${file} is not a regular file`)
      const etag = versionTag(file, facts)
      if (etag === claim) return { kind: 'unchanged' }
      const size = Number(facts.size)
      if (partial?.etag === etag && partial.bytes === size) return { kind: 'complete' }
      const start = partial?.etag === etag && partial.bytes < size ? partial.bytes : 0
      const filename = safeFileName(path.basename(file)) ?? DEFAULT_ARCHIVE_NAME
      const chunks = readChunks(handle, start, signal)
      handedOver = true
      return { kind: 'offer', offer: { etag, size, filename, start, chunks, cancel: () => handle.close() } }
    } finally {
      if (!handedOver) await handle.close()
    }
  } catch (error) {
    if (error instanceof PullFailure || signal.aborted) throw error
    throw new PullFailure('source', reasonOf(error, base), { again: false, cause: error })
  }
}

async function selected(base: string): Promise<string> {
  if (!(await stat(base)).isDirectory()) return base
  const items: { name: string; modifiedAt: number }[] = []
  for (const name of (await readdir(base)).filter(isArchiveName)) {
    const facts = await stat(path.join(base, name)).catch(() => undefined)
    if (facts?.isFile()) items.push({ name, modifiedAt: facts.mtimeMs })
  }
  const found = newest(items)
  if (found === undefined) throw new PullFailure('source', `there is no *.tar.gz in ${base}`)
  return path.join(base, found.name)
}

/** Differs whenever the bytes may: another name, another file, other times. */
function versionTag(file: string, facts: BigIntStats): string {
  return `"${path.basename(file)}:${facts.ino}:${facts.size}:${facts.mtimeNs}"`.replaceAll(
    /[^\x21-\x7e]/g,
    '?',
  )
}

function reasonOf(error: unknown, base: string): string {
  if (errorCode(error) === 'ENOENT') return `there is no ${base}`
  return `${base} cannot be read: ${error instanceof Error ? error.message : String(error)}`
}
