/** Shorter ones of the tests (`a`, `secret`) are words that an output may have for other reasons. */
const SHORTEST = 11

/** Secrets that the current test has used so far. */
const used = new Set<string>()

/** Has the outputs of the current test searched for a secret. */
export function noteSecret(secret: string): void {
  if (secret.length >= SHORTEST) used.add(secret)
}

/** Variables that hold a secret. */
const SECRET = /^(?:(?:SLIPWAY|ACTIONS)_.*(?:TOKEN|PASSPHRASE)|AWS_SECRET_ACCESS_KEY|AZURE_ACCOUNT_KEY)$/

/** Has the outputs of the current test searched for the secrets that a program is started with. */
export function noteSecretsOf(env: Readonly<Record<string, string | undefined>>): void {
  for (const [name, value] of Object.entries(env)) {
    if (SECRET.test(name) && value !== undefined) noteSecret(value)
  }
}

/** UTF-16 units of log that are kept; beyond it they are searched for the secrets so far, and dropped. */
const MOST_KEPT = 4 * 1024 ** 2

/** What servers within this process logged in the current test. */
let kept: string[] = []
let keptLength = 0
let failure: unknown

/** Has what a server within this process logs searched at the end of the test: a token is noted after the line of its request. */
export function keepOutput(text: string): void {
  kept.push(text)
  keptLength += text.length
  if (keptLength <= MOST_KEPT) return
  try {
    refuseSecretsInKept()
  } catch (error) {
    // Thrown at the end of the test: here it would be the server's.
    failure = error
  }
}

/** Refuses what was kept where a secret of the current test is in it. */
export function refuseSecretsInKept(): void {
  const text = kept.join('')
  const found = failure
  ;[kept, keptLength, failure] = [[], 0, undefined]
  if (found instanceof Error) throw found
  refuseSecretsIn(text, 'A server of this process')
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
