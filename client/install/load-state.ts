import { readFile, stat } from 'node:fs/promises'
import path from 'node:path'
import { newProcessName } from '../../protocol/process-name.ts'
import { errorCode } from '../failure.ts'
import { newest } from '../sources/newest-archive.ts'
import { archivesIn } from './archives-in.ts'
import { replaceFile } from '../../storage/filesystem/replace-file.ts'
import type { FolderPaths } from './folder-paths.ts'
import { hashFile } from './hash-file.ts'
import { makeFolder } from './make-folder.ts'
import { stateSchema } from './state.ts'
import type { State } from './state.ts'

/** The source of what was found in a folder rather than remembered. */
export const REBUILT = 'rebuilt'

/** Reads what is remembered of a folder; where that is lost or damaged, it is rebuilt from what lies there. */
export async function loadState(paths: FolderPaths): Promise<State> {
  const text = await readFile(paths.state, 'utf8').catch((error: unknown) => {
    if (errorCode(error) === 'ENOENT') return undefined
    throw error
  })
  const known = text === undefined ? undefined : parseState(text)
  if (known !== undefined) return known
  const state: State = { format: 1, process: newProcessName(), older: [], refused: [] }
  // Only where we were before are archives ours; the folder for archives aside is made after the first state.
  if (text !== undefined || (await exists(paths.aside))) await rebuild(paths, state)
  await saveState(paths, state)
  await makeFolder(paths.aside)
  return state
}

export function saveState({ state: file }: FolderPaths, state: State): Promise<void> {
  return replaceFile(file, JSON.stringify(state, undefined, 2))
}

function parseState(text: string): State | undefined {
  try {
    return stateSchema.safeParse(JSON.parse(text)).data
  } catch {
    return undefined
  }
}

/** Takes the newest archive for installed, as Rasa would; since it may be somebody else's, it is never deleted. */
async function rebuild({ dir }: FolderPaths, state: State): Promise<void> {
  const found = newest(await archivesIn(dir))
  if (found === undefined) return
  const digest = await hashFile(path.join(dir, found.name))
  const { name: filename, size, modifiedAt: mtimeMs } = found
  state.installed = { filename, digest, size, mtimeMs, source: REBUILT, foreign: true }
}

async function exists(file: string): Promise<boolean> {
  return (await stat(file).catch(() => undefined)) !== undefined
}
