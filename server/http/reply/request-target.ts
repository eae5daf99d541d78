const ABSOLUTE = /^[a-z][a-z0-9+.-]*:\/\/[^/?#]*/i

/**
 * A request's address in origin form. Proxies may send the absolute form, and a server must take it (RFC 9112 §3.2.2);
 * the authority in it says no more than `Host` does.
 */
export function originForm(url: string): string {
  if (url.startsWith('/')) return url
  const local = url.replace(ABSOLUTE, '')
  return local.startsWith('/') ? local : `/${local}`
}
