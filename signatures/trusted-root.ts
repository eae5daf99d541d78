import { TrustedRoot } from '@sigstore/protobuf-specs'
import { toTrustMaterial, type TrustMaterial } from '@sigstore/verify'

/** A Sigstore instance whose certificates count, and what it vouches with. */
export interface CertificateTrust {
  readonly material: TrustMaterial
  /** How many entries of transparency logs, of certificate logs, and how many timestamps a signature needs. */
  readonly thresholds: {
    readonly tlogThreshold: number
    readonly ctlogThreshold: number
    readonly timestampThreshold: number
  }
}

/**
 * Reads a file of trusted roots: one `trusted_root.json`, or one a line, as `gh attestation trusted-root` writes them.
 *
 * What an instance runs, its signatures must have: GitHub's instance for private repositories has timestamps only, the
 * public one has logs.
 *
 * @throws Error whose message says what is wrong with it.
 */
export function readTrustedRoots(text: string): CertificateTrust[] {
  const roots = valuesOf(text).map(readRoot)
  if (roots.length === 0) throw new Error('it is empty')
  return roots
}

function valuesOf(text: string): unknown[] {
  try {
    return [JSON.parse(text)]
  } catch {
    const lines = text.split('\n').filter((line) => line.trim() !== '')
    return lines.map((line, index) => parseLine(line, index + 1))
  }
}

function parseLine(line: string, number: number): unknown {
  try {
    return JSON.parse(line)
  } catch (cause) {
    throw new Error(`line ${number} is not JSON; write it with: gh attestation trusted-root`, { cause })
  }
}

function readRoot(value: unknown): CertificateTrust {
  const material = parseRoot(value)
  if (material.certificateAuthorities.length === 0) throw new Error('it has no certificate authority')
  const [hasLogs, hasCertificateLogs] = [material.tlogs.length > 0, material.ctlogs.length > 0]
  if (!hasLogs && material.timestampAuthorities.length === 0) {
    throw new Error(
      'it has neither a transparency log nor a timestamp authority, so that no time can be proved',
    )
  }
  return {
    material,
    thresholds: {
      tlogThreshold: hasLogs ? 1 : 0,
      ctlogThreshold: hasCertificateLogs ? 1 : 0,
      timestampThreshold: 1,
    },
  }
}

function parseRoot(value: unknown): TrustMaterial {
  try {
    return toTrustMaterial(TrustedRoot.fromJSON(value))
  } catch (cause) {
    throw new Error('it is no trusted_root.json of Sigstore', { cause })
  }
}
