import { copyFile, cp } from 'node:fs/promises'
import path from 'node:path'
import { checkout } from '../checks/run-command.ts'
import { bundle } from './bundle.ts'
import { slim } from './slim.ts'
import { exported, readCheckout, writeManifest } from './manifest.ts'

/** What the client is made of. */
const FOLDERS = ['archives', 'client', 'concurrency', 'protocol', 'signatures', 'storage']

/** Packages that it cannot do without; they come with it (docs/adr/0013-two-packages.md). */
const BUNDLED = [
  '@sigstore/bundle',
  '@sigstore/protobuf-specs',
  '@sigstore/verify',
  'cli-progress',
  'commander',
  'undici',
  'yaml',
  'zod',
]

/** Needed for `--remote-storage` only: whoever uses a cloud installs its own. */
const CLOUDS = ['@aws-sdk/client-s3', '@azure/storage-blob', 'google-auth-library']

/** Writes the package `slipway-client`: the puller and the commands that talk to a server, with nothing of the server. */
export async function clientPackage(compiled: string, folder: string): Promise<void> {
  for (const name of FOLDERS) {
    await cp(path.join(compiled, name), path.join(folder, name), { recursive: true })
  }
  await slim(folder, 'client/index')
  const { dependencies } = await readCheckout()
  const pick = (names: string[], prefix: string): Record<string, string> =>
    Object.fromEntries(names.map((name) => [name, `${prefix}${dependencies[name] ?? '*'}`]))
  await bundle(BUNDLED, folder)
  await writeManifest(folder, {
    name: 'slipway-client',
    description:
      'Pulls models of Rasa from Slipway, disks and clouds, verified and atomic; publishes and promotes them.',
    keywords: ['rasa', 'model-registry', 'puller', 'mlops'],
    bin: { slipway: 'client/cli/main.js' },
    exports: { '.': exported('client/index'), './package.json': './package.json' },
    files: FOLDERS,
    dependencies: pick(BUNDLED, ''),
    bundleDependencies: BUNDLED,
    peerDependencies: pick(CLOUDS, '^'),
    peerDependenciesMeta: Object.fromEntries(CLOUDS.map((name) => [name, { optional: true }])),
  })
  await copyFile(
    path.join(checkout, 'scripts/package.d/README.slipway-client.md'),
    path.join(folder, 'README.md'),
  )
}
