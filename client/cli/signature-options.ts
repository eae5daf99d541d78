import { readFile } from 'node:fs/promises'
import { Option, type Command } from 'commander'
import { LONGEST_BUNDLE_BYTES, type TrustedSigner } from '../../protocol/signature.ts'
import { readSigners } from '../../signatures/trusted-signers.ts'
import { readStart } from '../install/read-start.ts'
import { SignatureCheck } from '../signing/signature-check.ts'
import { usageError } from './usage-error.ts'

/** The part of a command line that says whose signature an archive needs. */
export interface SignatureOptions {
  verifyKey: string[]
  verifyIdentity?: string
  verifyIssuer?: string
  trustedRoot?: string
  bundle?: string
}

/** Adds these options to a command. */
export function addSignatureOptions(command: Command): Command {
  return command
    .addOption(
      new Option('--verify-key <file>', 'install only what this public key signed; may be repeated')
        .argParser((file, files: string[]) => [...files, file])
        .default([], 'none'),
    )
    .option(
      '--verify-identity <pattern>',
      'install only what an identity signed that this regular expression matches',
    )
    .option(
      '--verify-issuer <url>',
      'who vouches for the identity: https://token.actions.githubusercontent.com',
    )
    .option(
      '--trusted-root <file>',
      'whose certificates prove identities: gh attestation trusted-root > FILE',
    )
    .option('--bundle <file>', 'the signature; without it, it is fetched from the Slipway server')
}

/**
 * What is to be checked of signatures.
 *
 * @param canFetch Whether the source brings signatures along.
 * @returns undefined where the command line asks for none.
 * @throws PullFailure `configuration`
 */
export async function signatureCheck(
  options: SignatureOptions,
  canFetch: boolean,
): Promise<SignatureCheck | undefined> {
  const { trustedRoot, bundle } = options
  const trusted = await trustedSigners(options)
  if (trusted.length === 0) {
    if (bundle !== undefined || trustedRoot !== undefined)
      throw usageError('--bundle and --trusted-root go with --verify-key or --verify-identity')
    return undefined
  }
  if (bundle === undefined && !canFetch)
    throw usageError(
      'only a Slipway server has signatures beside its archives; name this one by --bundle FILE',
    )
  const root = trustedRoot === undefined ? undefined : await readText(trustedRoot)
  if (root !== undefined) await requireTrustedRoot(root, trustedRoot)
  return new SignatureCheck({
    signers: readTrusted(trusted),
    trustedRoot: root,
    readBundle: bundle === undefined ? undefined : () => readBundleFile(bundle),
  })
}

/** Reads a bundle; a byte more than it may have, so that a longer one is refused as such. */
export async function readBundleFile(file: string): Promise<Uint8Array> {
  return readStart(file, LONGEST_BUNDLE_BYTES + 1).catch((error: unknown) => {
    throw unreadable(file, error)
  })
}

async function trustedSigners(options: SignatureOptions): Promise<TrustedSigner[]> {
  const { verifyKey, verifyIdentity: identity, verifyIssuer: issuer, trustedRoot } = options
  const signers: TrustedSigner[] = []
  for (const file of verifyKey) signers.push({ key: await readText(file) })
  if (identity === undefined && issuer === undefined) return signers
  if (identity === undefined || issuer === undefined)
    throw usageError('--verify-identity and --verify-issuer go together: a name alone is anybody’s')
  if (trustedRoot === undefined)
    throw usageError(
      '--verify-identity needs --trusted-root FILE: write it with gh attestation trusted-root > FILE',
    )
  return [...signers, { identity, issuer }]
}

function readTrusted(signers: readonly TrustedSigner[]): ReturnType<typeof readSigners> {
  try {
    return readSigners(signers)
  } catch (error) {
    throw usageError(
      `no signature can be checked by that: ${error instanceof Error ? error.message : String(error)}`,
    )
  }
}

async function requireTrustedRoot(text: string, file: string | undefined): Promise<void> {
  const { readTrustedRoots } = await import('../../signatures/trusted-root.ts')
  try {
    readTrustedRoots(text)
  } catch (error) {
    throw usageError(
      `--trusted-root ${file ?? ''}: ${error instanceof Error ? error.message : String(error)}`,
    )
  }
}

async function readText(file: string): Promise<string> {
  return readFile(file, 'utf8').catch((error: unknown) => {
    throw unreadable(file, error)
  })
}

function unreadable(file: string, error: unknown): Error {
  return usageError(`${file} cannot be read: ${error instanceof Error ? error.message : String(error)}`)
}
