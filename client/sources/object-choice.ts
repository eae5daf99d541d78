import path from 'node:path'
import type { ObjectChoice } from './store-source.ts'

/**
 * The object that Rasa would ask for: the name with `.tar.gz` where it lacks it; with `REMOTE_STORAGE_PATH`, which
 * is the store's folder, only the base name counts (Rasa's core/persistor.py, `_create_file_key`). A name that ends
 * in a slash, or none, means the newest of that folder.
 *
 * @param name `true` where `--model` stands without a value.
 * @param hasFolder Whether the store begins at `REMOTE_STORAGE_PATH`.
 */
export function objectChoice(name: string | true, hasFolder: boolean): ObjectChoice {
  if (name === true || name.endsWith('/')) {
    return { newestIn: name === true ? '' : withoutSlashes(name) }
  }
  return { key: objectKey(name, hasFolder) }
}

/** @see objectChoice */
export function objectKey(name: string, hasFolder: boolean): string {
  const full = name.endsWith('.tar.gz') ? name : `${name}.tar.gz`
  return hasFolder ? path.posix.basename(full) : withoutSlashes(full)
}

function withoutSlashes(name: string): string {
  return name.replace(/^\/+|\/+$/g, '').replaceAll(/\/{2,}/g, '/')
}
