import { nearestName } from '../../protocol/nearest-name.ts'
import { SETTINGS, type SettingName } from './settings.ts'

/** Variables of ours that are not the server's: the CLI's, and what Kubernetes injects for a Service named slipway. */
const OTHERS =
  /^SLIPWAY_(URL|TOKEN|TOKEN_FILE|KEY_PASSPHRASE|ID_TOKEN|ID_TOKEN_FILE|PORT|PORT_.*|SERVICE_.*)$/

/** A mistake for each variable that looks like ours and is none. */
export function unknownNames(env: Readonly<Record<string, string | undefined>>): string[] {
  return Object.keys(env)
    .filter((name) => name.startsWith('SLIPWAY_') && !(name in SETTINGS) && !OTHERS.test(name))
    .map((name) => `${name}: there is no such variable${suggestion(name)}; see slipway serve --help`)
}

/** The variable that an unknown name was probably meant to be: misspelt, or else the one that shares the longest beginning. */
function suggestion(name: string): string {
  const shared = (other: string): number => {
    let length = 0
    while (length < other.length && other[length] === name[length]) length++
    return length
  }
  const names = Object.keys(SETTINGS) as SettingName[]
  const misspelt = nearestName(name, names)
  if (misspelt !== undefined) return ` (did you mean ${misspelt}?)`
  const nearest = names.toSorted((a, b) => shared(b) - shared(a)).at(0)
  return nearest !== undefined && shared(nearest) > 'SLIPWAY_'.length + 2 ? ` (did you mean ${nearest}?)` : ''
}
