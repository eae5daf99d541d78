import { isLoopback } from './is-loopback.ts'
import type { Settings } from './settings.ts'

/** Fewer characters can be guessed. */
const SHORTEST_TOKEN = 16

/** What should be changed about tokens that open the server all the same. */
export function shortTokens(settings: Settings): string[] {
  return (['SLIPWAY_PUBLISH_TOKEN', 'SLIPWAY_PULL_TOKEN'] as const)
    .filter((name) => (settings[name]?.length ?? SHORTEST_TOKEN) < SHORTEST_TOKEN)
    .map((name) => `${name}: has fewer than ${SHORTEST_TOKEN} characters; draw one with openssl rand -hex 32`)
}

/** What is wrong with the tokens of the settings, unless the catalog has some. */
export function findMissingTokens({
  HOST,
  SLIPWAY_PUBLISH_TOKEN: publish,
  SLIPWAY_PULL_TOKEN: pull,
  SLIPWAY_ANONYMOUS: anonymous,
}: Settings): string[] {
  if (isLoopback(HOST)) return []
  const missing: string[] = []
  if (publish === undefined) {
    missing.push(
      `SLIPWAY_PUBLISH_TOKEN: required where HOST (${HOST}) is not loopback, or anybody could publish; or make a token of your ` +
        'own first: slipway token create NAME --admin, with the same DATA_DIR',
    )
  }
  if (pull === undefined && anonymous === undefined) {
    missing.push(
      `SLIPWAY_PULL_TOKEN: required where HOST (${HOST}) is not loopback; SLIPWAY_ANONYMOUS=pull opens pulls to all instead`,
    )
  }
  return missing
}

/** Settings of tokens and TLS that contradict each other. */
export function accessMistakes({
  SLIPWAY_PUBLISH_TOKEN: publish,
  SLIPWAY_PULL_TOKEN: pull,
  SLIPWAY_ANONYMOUS: anonymous,
  SLIPWAY_TLS_CERT: cert,
  SLIPWAY_TLS_KEY: key,
}: Settings): string[] {
  const mistakes: string[] = []
  if ((cert === undefined) !== (key === undefined)) {
    const [missing, other] = cert === undefined ? ['CERT', 'KEY'] : ['KEY', 'CERT']
    mistakes.push(
      `SLIPWAY_TLS_${missing}: required where SLIPWAY_TLS_${other} is set; unset both for plain HTTP`,
    )
  }
  if (pull !== undefined && anonymous !== undefined) {
    mistakes.push('SLIPWAY_ANONYMOUS: contradicts SLIPWAY_PULL_TOKEN; unset one of them')
  }
  if (pull !== undefined && pull === publish) {
    mistakes.push('SLIPWAY_PULL_TOKEN: must differ from SLIPWAY_PUBLISH_TOKEN, or every bot could publish')
  }
  return mistakes
}
