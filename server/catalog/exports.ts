import type { TagExport } from '../exporting/tag-export.ts'

/** Questions about what was copied into a bucket. */
export interface ExportReader {
  /** What was exported last of each tag, also of tags that are gone. */
  listExports(): Promise<TagExport[]>
}

/** Changes of what was copied into a bucket. */
export interface ExportWriter {
  /**
   * Notes that the object of a tag is about to be replaced: which archive it is stays in doubt until {@link rememberExport}. Of a
   * tag that was never exported nothing is noted, nor needed.
   */
  beginExport(tag: Pick<TagExport, 'model' | 'tag'>): Promise<void>
  /** Keeps the last export of each tag. */
  rememberExport(exported: TagExport): Promise<void>
}
