import type { InboxFile } from '../intake/inbox-file.ts'

/** Questions about files and objects that arrived by themselves. */
export interface IntakeReader {
  findInboxFile(path: string): Promise<InboxFile | undefined>
}

/** Changes of what is known of files and objects that arrived by themselves. */
export interface IntakeWriter {
  /** Keeps the last word on each path. */
  rememberInboxFile(file: InboxFile): Promise<void>
}
