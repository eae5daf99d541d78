import type { Where } from './where.ts'

/** A page with what its address says. */
export interface FoundPage<Page> {
  readonly page: Page
  readonly where: Where
}

/** Finds the page of an address below the server's root; undefined: there is none. */
export function findPage<Page extends { readonly path: string }>(
  pages: readonly Page[],
  path: string,
  query: Readonly<Record<string, string>>,
): FoundPage<Page> | undefined {
  for (const page of pages) {
    const params = match(page.path, path)
    if (params !== undefined) return { page, where: { params, query } }
  }
  return undefined
}

function match(pattern: string, path: string): Record<string, string> | undefined {
  const [wanted, given] = [pattern.split('/'), path.split('/')]
  if (wanted.length !== given.length) return undefined
  const params: Record<string, string> = {}
  for (const [index, part] of wanted.entries()) {
    const text = decode(given[index] ?? '')
    if (text === undefined) return undefined
    if (!part.startsWith(':')) {
      if (part !== text) return undefined
    } else if (text === '') return undefined
    else params[part.slice(1)] = text
  }
  return params
}

function decode(text: string): string | undefined {
  try {
    return decodeURIComponent(text)
  } catch {
    return undefined
  }
}
