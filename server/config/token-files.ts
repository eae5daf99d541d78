import { readFileSync } from 'node:fs'
import path from 'node:path'

type Environment = Readonly<Record<string, string | undefined>>

/** The tokens that may lie in files, as Kubernetes and Docker mount secrets. */
const TOKENS = ['SLIPWAY_PUBLISH_TOKEN', 'SLIPWAY_PULL_TOKEN'] as const

/**
 * The environment with the tokens of `SLIPWAY_PUBLISH_TOKEN_FILE` and `SLIPWAY_PULL_TOKEN_FILE` in it. Blanks and line ends around a
 * token are not part of it.
 *
 * @param folder What relative paths are relative to.
 * @param mistakes Gets those that were made; none shows a token.
 */
export function withTokenFiles(env: Environment, folder: string, mistakes: string[]): Environment {
  const read: Record<string, string> = {}
  for (const name of TOKENS) {
    const file = env[`${name}_FILE`] ?? ''
    if (file === '') continue
    if ((env[name] ?? '') !== '') mistakes.push(`${name}_FILE: contradicts ${name}; unset one of them`)
    try {
      const token = readFileSync(path.resolve(folder, file), 'utf8').trim()
      if (token === '') mistakes.push(`${name}_FILE: ${file} is empty`)
      read[name] = token
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error)
      mistakes.push(`${name}_FILE: cannot be read (${reason})`)
      // Not a second mistake: the token is wanted, and where it should be.
      read[name] = 'unreadable-token'
    }
  }
  return { ...env, ...read }
}
