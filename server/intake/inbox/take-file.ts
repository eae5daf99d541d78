import path from 'node:path'
import { safeFileName } from '../../../protocol/file-name.ts'
import type { InboxFile } from '../inbox-file.ts'
import type { PublishOutcome, PublishTerms } from '../../releases/publish-model.ts'
import { FileChanged, FileUnreadable, inboxFileBytes } from './inbox-file-bytes.ts'
import type { FoundFile } from './list-inbox.ts'

/** The operations that the inbox calls; compose.ts binds them. */
export interface InboxOperations {
  publish: (body: AsyncIterable<Uint8Array>, terms: PublishTerms) => Promise<PublishOutcome>
  rememberRefused: (file: Pick<InboxFile, 'path' | 'size' | 'modifiedAt'>, code: string) => Promise<void>
}

/**
 * What became of a file:
 *
 * - `done`: published, or known already, and remembered.
 * - `refused`: no sound archive; not yet remembered.
 * - `changed`: somebody is still at it.
 * - `failed`: not its fault. Of the `file`: it cannot be read. Of the `server`: no file can be taken now.
 */
export type Taken =
  | { kind: 'done'; outcome: PublishOutcome }
  | { kind: 'refused'; code: string; message: string }
  | { kind: 'changed' }
  | { kind: 'failed'; blame: 'file' | 'server'; error: unknown }

/** Publishes a file of the inbox. Never rejects. */
export async function takeFile(
  publish: InboxOperations['publish'],
  root: string,
  file: FoundFile,
  knownDigests: 'skip-if-ever' | 'skip-if-latest',
  signal: AbortSignal,
): Promise<Taken> {
  const { model, size, modifiedAt } = file
  try {
    const outcome = await publish(inboxFileBytes(root, file, signal), {
      model,
      publishedBy: 'inbox',
      filename: safeFileName(path.posix.basename(file.path)),
      knownDigests,
      inboxFile: { path: file.path, size, modifiedAt },
    })
    return { kind: 'done', outcome }
  } catch (error) {
    if (error instanceof FileChanged) return { kind: 'changed' }
    if (error instanceof FileUnreadable) return { kind: 'failed', blame: 'file', error }
    const code = refusalCode(error)
    if (code === undefined) return { kind: 'failed', blame: 'server', error }
    return { kind: 'refused', code, message: error instanceof Error ? error.message : code }
  }
}

/** The code of a refusal that only another file can cure: all of these begin alike. */
function refusalCode(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error) || typeof error.code !== 'string') return undefined
  return error.code.startsWith('archive-') ? error.code : undefined
}
