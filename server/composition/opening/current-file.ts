import { readFile } from 'node:fs/promises'
import type { CurrentModel } from '../../catalog/tags.ts'
import type { CurrentReleases } from '../../releases/current-releases.ts'
import { KnownFile, type KnownFilePauses } from './known-file.ts'

const FORMAT = 1

/** What tags point at in the database, as it was last known: enough to start without it. */
export const CURRENT_FILE_OF_DATABASE = 'current-database.json'

/** What tags point at, in a file (`current.json`): enough to answer polls where the catalog cannot be read. */
export class CurrentFile extends KnownFile {
  constructor(
    file: string,
    current: CurrentReleases,
    onFailure: (error: unknown) => void,
    pauses?: KnownFilePauses,
  ) {
    super(file, () => ({ format: FORMAT, models: current.all() }), onFailure, pauses)
  }
}

/** Reads what was written last; undefined where there is nothing that can be used. */
export async function readCurrentFile(file: string): Promise<CurrentModel[] | undefined> {
  try {
    const content = JSON.parse(await readFile(file, 'utf8')) as { format: number; models: CurrentModel[] }
    return content.format === FORMAT ? content.models : undefined
  } catch {
    return undefined
  }
}
