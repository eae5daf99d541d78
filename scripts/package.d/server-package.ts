import { copyFile, cp, mkdir } from 'node:fs/promises'
import path from 'node:path'
import { checkout } from '../checks/run-command.ts'
import { exported, readCheckout, writeManifest } from './manifest.ts'

/** Writes the package `slipway`: the server, the whole command line, and both as libraries. */
export async function serverPackage(compiled: string, folder: string): Promise<void> {
  await cp(compiled, folder, { recursive: true })
  await mkdir(path.join(folder, 'systemd'))
  const unit = 'systemd/slipway.service'
  await copyFile(path.join(checkout, 'deploy', unit), path.join(folder, unit))
  const { dependencies } = await readCheckout()
  await writeManifest(folder, {
    name: 'slipway',
    description:
      'A model repository for Rasa: publishes trained archives, serves them to polling bots, and rolls them back.',
    keywords: ['rasa', 'model-registry', 'model-server', 'mlops', 'rollout'],
    bin: { slipway: 'client/cli/main.js' },
    exports: {
      './server': exported('server/embed/index'),
      './client': exported('client/index'),
      './package.json': './package.json',
    },
    files: FOLDERS,
    dependencies: only(dependencies, (name) => !isCloud(name)),
    optionalDependencies: only(dependencies, isCloud),
  })
  await copyFile(path.join(checkout, 'scripts/package.d/README.slipway.md'), path.join(folder, 'README.md'))
}

/** The libraries of the clouds: `npm install --omit=optional` leaves them out. */
function isCloud(name: string): boolean {
  return /^(?:@aws-sdk|@azure)\/|^google-/.test(name)
}

function only(
  dependencies: Record<string, string>,
  isWanted: (name: string) => boolean,
): Record<string, string> {
  return Object.fromEntries(Object.entries(dependencies).filter(([name]) => isWanted(name)))
}

const FOLDERS = [
  'archives',
  'client',
  'concurrency',
  'dashboard',
  'protocol',
  'server',
  'signatures',
  'storage',
  'systemd',
]
