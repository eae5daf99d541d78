import { mkdir, readFile, rm } from 'node:fs/promises'
import path from 'node:path'
import { parseArgs } from 'node:util'
import { checkout } from '../checks/run-command.ts'
import { readCheckout } from '../package.d/manifest.ts'
import { readImageSettings } from './image-settings.ts'
import { LAYERS, writeLayers } from './layers.ts'
import { writeLayout } from './oci-layout.ts'

const usage = `scripts/image [DIR] [--compiled DIR]

Builds the image of deploy/Dockerfile from this machine's own Node, without a container runtime, into DIR (dist/image):

  layers/       the files of each layer
  layout/       an OCI image layout, which podman, skopeo, buildah and Docker (25 and later) load
  slipway.tar   the same as one file: docker load --input slipway.tar

  --compiled DIR  takes what lies compiled there, and compiles nothing
`

const { values, positionals } = parseArgs({
  options: { help: { type: 'boolean', short: 'h' }, compiled: { type: 'string' } },
  allowPositionals: true,
})

if (values.help) console.log(usage)
else await buildImage(path.resolve(positionals[0] ?? path.join(checkout, 'dist/image')), values.compiled)

async function buildImage(target: string, compiled: string | undefined): Promise<void> {
  await rm(target, { recursive: true, force: true })
  await mkdir(target, { recursive: true })
  const layers = path.join(target, 'layers')
  await writeLayers(layers, compiled)
  const settings = readImageSettings(await readFile(path.join(checkout, 'deploy/Dockerfile'), 'utf8'))
  const { version } = await readCheckout()
  const { bytes } = await writeLayout({
    target,
    layers,
    names: LAYERS,
    settings,
    reference: `slipway:${version}`,
  })
  console.log(
    `${path.join(target, 'slipway.tar')}: slipway:${version}, ${(bytes / 1e6).toFixed(0)} MB compressed`,
  )
}
