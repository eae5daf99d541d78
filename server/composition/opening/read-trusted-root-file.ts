import { readFile } from 'node:fs/promises'
import type { CertificateTrust } from '../../../signatures/trusted-root.ts'
import { ConfigError } from '../../config/config.ts'

/**
 * Reads the file that SLIPWAY_TRUSTED_ROOT names. The packages that understand it are loaded where there is one.
 *
 * @throws ConfigError where it cannot be read, or is something else.
 */
export async function readTrustedRootFile(file: string | undefined): Promise<CertificateTrust[]> {
  if (file === undefined) return []
  const { readTrustedRoots } = await import('../../../signatures/trusted-root.ts')
  try {
    return readTrustedRoots(await readFile(file, 'utf8'))
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    throw new ConfigError([`SLIPWAY_TRUSTED_ROOT: ${file} cannot be used: ${reason}`])
  }
}
