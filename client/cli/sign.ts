import type { Command } from 'commander'
import path from 'node:path'
import { replaceFile } from '../../storage/filesystem/replace-file.ts'
import { hashFile } from '../install/hash-file.ts'
import { readPrivateKey } from '../signing/private-key.ts'
import { signDigest } from '../signing/sign-digest.ts'
import { print, printJson } from './print.ts'

interface SignOptions {
  key: string
  out?: string
  json?: true
}

const HELP = `
The signature is a bundle of OpenSSF model-signing (Sigstore), which its own tool verifies too:
  model_signing verify key bot.tar.gz --signature bot.tar.gz.sigstore.json --public_key signing.pub

A key, and its public half:
  openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out signing.key
  openssl pkey -in signing.key -pubout -out signing.pub

Environment:
  SLIPWAY_KEY_PASSPHRASE  opens the key where it is encrypted

Examples:
  slipway sign bot.tar.gz --key signing.key
  slipway push bot.tar.gz --model shop --bundle bot.tar.gz.sigstore.json
`

const EXIT_CODES = `
Exit codes:
  0   done
  2   wrong usage, or the key cannot be used
  3   a file on this machine cannot be read or written
`

/** `slipway sign ARCHIVE --key K`. */
export function addSign(program: Command): void {
  program
    .command('sign')
    .description('sign an archive with a key; no server is asked')
    .argument('<ARCHIVE>', 'the archive')
    .requiredOption('--key <file>', 'the private key in PEM: EC of P-256, P-384 or P-521')
    .option('--out <file>', 'where to write the bundle (default: ARCHIVE.sigstore.json)')
    .option('--json', 'print file and digest as JSON')
    .addHelpText('after', HELP + EXIT_CODES)
    .action(async (archive: string, { key, out, json }: SignOptions) => {
      const file = out ?? `${archive}.sigstore.json`
      const { digest, bundle } = await signFile(archive, key, process.env)
      await replaceFile(file, bundle)
      if (json === true) printJson({ bundle: path.resolve(file), digest })
      else print(path.resolve(file))
    })
}

/**
 * Signs an archive.
 *
 * @param key The file of the private key.
 * @throws PullFailure `configuration` where the key cannot be used; what the file system throws.
 */
export async function signFile(
  archive: string,
  key: string,
  environment: NodeJS.ProcessEnv,
): Promise<{ digest: string; bundle: string }> {
  const passphrase = environment['SLIPWAY_KEY_PASSPHRASE']
  const privateKey = await readPrivateKey(key, passphrase === '' ? undefined : passphrase)
  const digest = await hashFile(archive)
  return { digest, bundle: signDigest(digest, path.basename(archive), privateKey) }
}
