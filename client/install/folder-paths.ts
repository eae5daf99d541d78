import path from 'node:path'

/** Where things lie in a folder that the puller keeps. */
export interface FolderPaths {
  /** Absolute: where the archives are. */
  dir: string
  /** Ours alone; on the same volume, so that a rename into `dir` is atomic. */
  hidden: string
  state: string
  lock: string
  /** Transfers that are not complete. */
  partial: string
  /** Archives whose name another one took, kept for a way back. */
  aside: string
}

export function folderPaths(to: string): FolderPaths {
  const dir = path.resolve(to)
  const hidden = path.join(dir, '.slipway')
  return {
    dir,
    hidden,
    state: path.join(hidden, 'state.json'),
    lock: path.join(hidden, 'lock'),
    partial: path.join(hidden, 'partial'),
    aside: path.join(hidden, 'aside'),
  }
}
