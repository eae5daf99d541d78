const SAFE = /^[A-Za-z0-9_-][A-Za-z0-9._-]*$/
const SUFFIX = '.tar.gz'
const LONGEST = 128 + SUFFIX.length

/**
 * Whether a file name may be served and installed as it is: `[A-Za-z0-9._-]{1,128}.tar.gz`, no leading dot.
 *
 * Rasa joins the `filename` header to a folder unchecked and then globs `*.tar.gz`, which skips hidden files
 * (Rasa 3.6 core/agent.py); a header may hold neither CR, LF nor non-Latin-1 (Node throws).
 */
export function isSafeFileName(name: string): boolean {
  return name.length <= LONGEST && name.length > SUFFIX.length && name.endsWith(SUFFIX) && SAFE.test(name)
}

/**
 * The nearest safe file name to what somebody sent; undefined where nothing of it can be kept.
 *
 * Folders are dropped, other characters become `-`, and the suffix is put right.
 */
export function safeFileName(name: string): string | undefined {
  const base = name.split(/[/\\]/).at(-1) ?? ''
  const stem = base
    .replace(/(\.tar\.gz|\.tgz|\.gz)$/i, '')
    .replace(/[^A-Za-z0-9._-]+/g, '-')
    .replace(/^[.-]+/, '')
    .slice(0, 128)
  return stem.replace(/[.-]+$/, '') === '' ? undefined : stem + SUFFIX
}
