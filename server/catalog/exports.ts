import type { TagExport } from '../exporting/tag-export.ts'

/** Questions about what was copied into a bucket. */
export interface ExportReader {
  /** What was exported last of each tag, also of tags that are gone. */
  listExports(): Promise<TagExport[]>
}

/** Changes of what was copied into a bucket. */
export interface ExportWriter {
  /** Keeps the last export of each tag. */
  rememberExport(exported: TagExport): Promise<void>
}
