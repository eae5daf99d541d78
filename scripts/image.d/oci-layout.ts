import { createHash } from 'node:crypto'
import { createReadStream, createWriteStream } from 'node:fs'
import { mkdir, readdir, rename, stat, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { pipeline } from 'node:stream/promises'
import { createGzip } from 'node:zlib'
import { runCommand } from '../checks/run-command.ts'
import type { ImageSettings } from './image-settings.ts'

interface Image {
  /** Where `layout/` and `slipway.tar` are written. */
  target: string
  /** Holds a folder for each of `names`. */
  layers: string
  names: readonly { name: string; owner: number }[]
  settings: ImageSettings
  /** `name:tag`. */
  reference: string
}

interface Descriptor {
  mediaType: string
  digest: string
  size: number
}

const ARCHITECTURES: Record<string, string> = { x64: 'amd64', arm64: 'arm64' }

/** Writes an OCI image layout (image-spec 1.1), and the same as one tar archive. The same files make the same bytes. */
export async function writeLayout({
  target,
  layers,
  names,
  settings,
  reference,
}: Image): Promise<{ bytes: number }> {
  const layout = path.join(target, 'layout')
  const blobs = path.join(layout, 'blobs/sha256')
  await mkdir(blobs, { recursive: true })
  const packed = []
  for (const { name, owner } of names) packed.push(await packLayer(path.join(layers, name), owner, blobs))
  const config = await writeBlob(blobs, 'application/vnd.oci.image.config.v1+json', {
    architecture: ARCHITECTURES[process.arch],
    os: 'linux',
    config: settings,
    rootfs: { type: 'layers', diff_ids: packed.map(({ unpackedDigest }) => unpackedDigest) },
  })
  const descriptors = packed.map(({ descriptor }) => descriptor)
  const manifest = await writeBlob(blobs, 'application/vnd.oci.image.manifest.v1+json', {
    schemaVersion: 2,
    mediaType: 'application/vnd.oci.image.manifest.v1+json',
    config,
    layers: descriptors,
  })
  const annotations = {
    'org.opencontainers.image.ref.name': reference.split(':')[1],
    'io.containerd.image.name': reference,
  }
  await writeFile(path.join(layout, 'oci-layout'), JSON.stringify({ imageLayoutVersion: '1.0.0' }))
  await writeFile(
    path.join(layout, 'index.json'),
    JSON.stringify({
      schemaVersion: 2,
      mediaType: 'application/vnd.oci.image.index.v1+json',
      manifests: [{ ...manifest, annotations }],
    }),
  )
  await tar(layout, path.join(target, 'slipway.tar'), 0)
  return { bytes: descriptors.reduce((sum, { size }) => sum + size, 0) }
}

async function packLayer(
  folder: string,
  owner: number,
  blobs: string,
): Promise<{ descriptor: Descriptor; unpackedDigest: string }> {
  const unpacked = path.join(blobs, 'layer.tar')
  await tar(folder, unpacked, owner)
  const packed = path.join(blobs, 'layer.tar.gz')
  await pipeline(createReadStream(unpacked), createGzip(), createWriteStream(packed))
  const unpackedDigest = await digestOf(unpacked)
  const digest = await digestOf(packed)
  const { size } = await stat(packed)
  await rename(packed, path.join(blobs, digest.slice('sha256:'.length)))
  await runCommand(['rm', unpacked])
  return {
    descriptor: { mediaType: 'application/vnd.oci.image.layer.v1.tar+gzip', digest, size },
    unpackedDigest,
  }
}

/**
 * Sorted, without times and names of people: the same files make the same archive. Everybody may read what is root's, whatever the
 * umask of who builds it. The folder itself is left out: it would give its owner to the root of the image.
 */
async function tar(folder: string, archive: string, owner: number): Promise<void> {
  const readable = owner === 0 ? 'a+rX' : 'g+rX,o='
  const { succeeded, output } = await runCommand([
    'tar',
    '--create',
    '--file',
    archive,
    '--directory',
    folder,
    '--sort=name',
    '--mtime=@0',
    '--format=gnu',
    `--owner=${owner}`,
    `--group=${owner}`,
    '--numeric-owner',
    `--mode=u+rwX,${readable},go-w`,
    '--',
    ...(await readdir(folder)).sort(),
  ])
  if (!succeeded) throw new Error(`tar failed:\n${output}`)
}

async function writeBlob(blobs: string, mediaType: string, value: unknown): Promise<Descriptor> {
  const bytes = Buffer.from(JSON.stringify(value))
  const hex = createHash('sha256').update(bytes).digest('hex')
  await writeFile(path.join(blobs, hex), bytes)
  return { mediaType, digest: `sha256:${hex}`, size: bytes.length }
}

async function digestOf(file: string): Promise<string> {
  const hash = createHash('sha256')
  await pipeline(createReadStream(file), hash)
  return `sha256:${hash.digest('hex')}`
}
