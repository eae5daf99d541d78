import { mkdir, rm } from 'node:fs/promises'
import path from 'node:path'
import { parseArgs } from 'node:util'
import { checkout } from '../checks/run-command.ts'
import { clientPackage } from './client-package.ts'
import { compile } from './compile.ts'
import { nameRepository } from './manifest.ts'
import { pack } from './pack.ts'
import { serverPackage } from './server-package.ts'

const usage = `scripts/package [DIR] [--compiled DIR] [--repository URL]

Compiles the server and the client and packs them as npm packages, slipway and slipway-client, into DIR (dist/). Prints the
paths of the two archives, which npm install and npm publish take.

  --compiled DIR    takes what lies compiled there, and compiles nothing
  --repository URL  is named in package.json; npm wants it of a package with provenance
`

const { values, positionals } = parseArgs({
  options: {
    help: { type: 'boolean', short: 'h' },
    compiled: { type: 'string' },
    repository: { type: 'string' },
  },
  allowPositionals: true,
})

if (values.help) console.log(usage)
else await buildPackages(path.resolve(positionals[0] ?? path.join(checkout, 'dist')), values)

async function buildPackages(
  target: string,
  { compiled: given, repository }: { compiled?: string | undefined; repository?: string | undefined },
): Promise<void> {
  await mkdir(target, { recursive: true })
  const compiled = given ?? path.join(target, 'compiled')
  if (given === undefined) await compile(compiled)
  for (const [name, write] of [
    ['slipway', serverPackage],
    ['slipway-client', clientPackage],
  ] as const) {
    const folder = path.join(target, name)
    await rm(folder, { recursive: true, force: true })
    await mkdir(folder)
    await write(compiled, folder)
    if (repository !== undefined) await nameRepository(folder, repository)
    console.log(await pack(folder, target))
  }
}
