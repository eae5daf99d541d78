import { safeFileName } from '../../protocol/file-name.ts'

/** The name for an archive whose source gives none: what Rasa calls it then too (Rasa 3.6 core/agent.py). */
export const DEFAULT_ARCHIVE_NAME = 'model.tar.gz'

/**
 * The file name under which an answer's archive is installed: the bare `filename` header, else
 * `Content-Disposition`, else the end of the address, made safe. Never refused.
 */
export function archiveName(headers: Record<string, string>, url: URL): string {
  const candidates = [headers['filename'], dispositionName(headers['content-disposition']), pathName(url)]
  for (const candidate of candidates) {
    const name = candidate === undefined ? undefined : safeFileName(candidate)
    if (name !== undefined) return name
  }
  return DEFAULT_ARCHIVE_NAME
}

/** The file name in a `Content-Disposition` (RFC 6266); the extended form comes first (§4.3). */
function dispositionName(value: string | undefined): string | undefined {
  if (value === undefined) return undefined
  const extended = /;\s*filename\*\s*=\s*utf-8'[^']*'([^;\s]+)/i.exec(value)?.[1]
  if (extended !== undefined) return decoded(extended)
  const [, quoted, bare] = /;\s*filename\s*=\s*(?:"((?:\\.|[^"\\])*)"|([^;\s]+))/i.exec(value) ?? []
  return quoted?.replace(/\\(.)/g, '$1') ?? bare
}

/** Only an address that ends in an archive's name names it: `/models/shop@production` does not. */
function pathName(url: URL): string | undefined {
  return url.pathname.endsWith('.tar.gz') ? decoded(url.pathname) : undefined
}

function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text)
  } catch {
    return undefined
  }
}
