import path from 'node:path'
import { watch } from 'chokidar'

/** Ends the watching. */
export interface FolderWatch {
  close(): Promise<void>
}

/**
 * Calls `onNews` whenever something visible happens in a folder or in the folders directly below it, and
 * once when the watching has really begun. What happened is not said: files that are still being written,
 * renamed over or removed again are for the next look to judge.
 *
 * @param root An absolute path, not a symbolic link.
 */
export function watchFolder(
  root: string,
  onNews: () => void,
  onError: (error: unknown) => void,
): FolderWatch {
  const watcher = watch(root, {
    depth: 1,
    followSymlinks: false,
    ignoreInitial: true,
    ignored: (name) => isHidden(path.relative(root, name)),
  })
  watcher.on('ready', onNews)
  watcher.on('all', onNews)
  watcher.on('error', onError)
  return watcher
}

function isHidden(relative: string): boolean {
  return relative.split(path.sep).some((segment) => segment.startsWith('.') && segment !== '..')
}
