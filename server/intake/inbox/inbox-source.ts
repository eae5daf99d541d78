import type { IntakeSource } from '../intake-source.ts'
import { listInbox, type FoundFile } from './list-inbox.ts'
import { readInboxBundle } from './read-inbox-bundle.ts'
import { readInboxFile } from './read-inbox-file.ts'

/**
 * The inbox as a source: `x.tar.gz` is of model `default`, `{model}/x.tar.gz` of `{model}`.
 *
 * @param root The folder, an absolute path without symbolic links.
 * @param description The folder as it was configured.
 */
export function inboxSource(root: string, description: string): IntakeSource<FoundFile> {
  return {
    description,
    publishedBy: 'inbox',
    recordPath: (path) => path,
    list: () => listInbox(root),
    read: (file, signal) => readInboxFile(root, file, signal),
    readBundle: (file) => readInboxBundle(root, file),
  }
}
