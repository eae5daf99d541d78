/** Shorter ones of the tests (`a`, `secret`) are words that an output may have for other reasons. */
const SHORTEST = 11

/** Secrets that the current test has used so far. */
const used = new Set<string>()

/** Has the outputs of the current test searched for a secret. */
export function noteSecret(secret: string): void {
  if (secret.length >= SHORTEST) used.add(secret)
}

/** Has the outputs of the current test searched for the tokens that a program is started with. */
export function noteSecretsOf(env: Readonly<Record<string, string | undefined>>): void {
  for (const [name, value] of Object.entries(env)) {
    if (/^(SLIPWAY|ACTIONS)_.*TOKEN$/.test(name) && value !== undefined) noteSecret(value)
  }
}

/**
 * Refuses what a program wrote where a secret of the current test is in it.
 *
 * @throws Error with the secret, and what stands before it.
 */
export function refuseSecretsIn(output: string, program: string): void {
  for (const secret of used) {
    const at = output.indexOf(secret)
    if (at === -1) continue
    throw new Error(
      `${program} wrote the secret ${secret}, after: ${output.slice(Math.max(0, at - 200), at)}`,
    )
  }
}

/** The next test has secrets of its own. */
export function forgetSecrets(): void {
  used.clear()
}
