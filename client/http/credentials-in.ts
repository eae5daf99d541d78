/**
 * The user name and password in an address, joined by a colon as Basic authentication wants them (RFC 7617 §2).
 *
 * @returns undefined where they are not percent-encoded correctly, as in `http://50%:x@host`.
 */
export function credentialsIn({ username, password }: URL): string | undefined {
  try {
    return `${decodeURIComponent(username)}:${decodeURIComponent(password)}`
  } catch {
    return undefined
  }
}
