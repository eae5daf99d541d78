import { execFileSync } from 'node:child_process'
import { readdir, readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { gunzipSync, gzipSync } from 'node:zlib'
import { expect } from 'chai'
import fc from 'fast-check'
import { DEFAULT_ARCHIVE_LIMITS } from '../../archives/archive-limits.ts'
import { TarReader } from '../../archives/tar/tar-reader.ts'
import { anArchive, noise } from '../support/archive-builder.ts'
import { temporaryDirectory } from '../support/temporary-directory.ts'
import { skipTest } from '../support/skip-test.ts'

const FIXTURES = new URL('../fixtures/archives/', import.meta.url)

/** Prints the members of each archive as Python sees them, which is what Rasa unpacks with; null where it fails. */
const LIST = `
import json, os, sys, tarfile
def members(name):
    try:
        with tarfile.open(name, 'r:gz') as tar:
            return [['folder' if m.isdir() else 'file', os.path.normpath('./' + m.name.strip('/')), m.size] for m in tar]
    except Exception:
        return None
print(json.dumps([members(name) for name in json.load(sys.stdin)]))
`

/** Packs archives from members given as JSON, as Rasa does: tarfile, w:gz, in the format named. */
const PACK = `
import io, json, sys, tarfile
for file, members in json.load(sys.stdin):
    with tarfile.open(file, 'w:gz', format=getattr(tarfile, sys.argv[1])) as tar:
        for name, size in members:
            info = tarfile.TarInfo(name)
            info.mtime = 1795423515.58
            if name.endswith('/'):
                info.type = tarfile.DIRTYPE
                tar.addfile(info)
            else:
                info.size = size
                tar.addfile(info, io.BytesIO(b'x' * size))
`

type Listed = [kind: string, path: string, size: number]

function python(script: string, args: string[], input = ''): string {
  return execFileSync('python3', ['-c', script, ...args], { input, encoding: 'utf8', maxBuffer: 1e8 })
}

function pythonLists(files: readonly string[]): (Listed[] | null)[] {
  return JSON.parse(python(LIST, [], JSON.stringify(files))) as (Listed[] | null)[]
}

function pythonIsThere(): boolean {
  try {
    return python('print(1)', []).trim() === '1'
  } catch {
    return false
  }
}

/** The members as we see them; undefined where the archive is refused. */
function ourList(archive: Buffer): Listed[] | undefined {
  const members: Listed[] = []
  const reader = new TarReader(DEFAULT_ARCHIVE_LIMITS, ({ kind, path: member, size }) => {
    members.push([kind, member === '' ? '.' : member, size])
    return undefined
  })
  try {
    reader.push(gunzipSync(archive))
    reader.end()
    return members
  } catch {
    return undefined
  }
}

describe("compared with Python's tarfile", () => {
  before(function () {
    if (!pythonIsThere()) skipTest(this, 'python3 is not here')
  })

  it('sees the same members in every archive of a real Rasa', async () => {
    const names = (await readdir(FIXTURES)).filter((file) => file.endsWith('.tar.gz'))
    const files = names.map((name) => fileURLToPath(new URL(name, FIXTURES)))
    await expectTheSame(files)
  })

  it('sees the same members in what the builder makes', async () => {
    const file = path.join(await temporaryDirectory(), 'built.tar.gz')
    const members = [{ path: 'cut', pax: { path: 'ü'.repeat(99) }, content: noise('n', 600) }]
    await writeFile(file, anArchive({ payloadBytes: 100_000, members }))
    await expectTheSame([file])
  })

  for (const format of ['PAX_FORMAT', 'GNU_FORMAT', 'USTAR_FORMAT']) {
    it(`sees the same members in what Python packs as ${format}`, async () => {
      const longest = format === 'USTAR_FORMAT' ? 20 : 120
      const segment = fc.stringMatching(new RegExp(`^[a-z][a-zäßé .-]{0,${longest}}[a-z]$`))
      const member = fc.tuple(fc.array(segment, { minLength: 1, maxLength: 4 }), fc.nat(3000), fc.boolean())
      const folder = await temporaryDirectory()
      const archives = fc.sample(fc.array(member, { maxLength: 12 }), 60).map((drawn, archive) => {
        // An index in front keeps the paths apart: Python would pack two of the same.
        const members = drawn.map(([segments, size, isFolder], index) => {
          const name = `${index}${segments.join('/')}`.normalize('NFC')
          return isFolder ? [`${name}/`, 0] : [name, size]
        })
        return [path.join(folder, `${archive}.tar.gz`), [['/', 0], ...members]] as const
      })
      python(PACK, [format], JSON.stringify(archives))
      await expectTheSame(archives.map(([file]) => file))
    })
  }

  it('accepts no tar with changed headers in which Python sees other members', async () => {
    const folder = await temporaryDirectory()
    const tar = gunzipSync(await readFile(new URL('rasa-3.6-core-only.tar.gz', FIXTURES)))
    const value = fc.constantFrom(0, 0x20, 0x2f, 0x30, 0x37, 0x41, 0x80, 0xff)
    const change = fc.record({ block: fc.nat(8), offset: fc.nat(511), value })
    const accepted: string[] = []
    for (const [index, changes] of fc
      .sample(fc.array(change, { minLength: 1, maxLength: 2 }), 600)
      .entries()) {
      const changed = Buffer.from(tar)
      for (const { block, offset, value } of changes) changed[block * 512 + offset] = value
      for (const { block } of changes) mendChecksum(changed.subarray(block * 512, block * 512 + 512))
      const bytes = gzipSync(changed)
      if (ourList(bytes) === undefined) continue
      accepted.push(path.join(folder, `${index}.tar.gz`))
      await writeFile(accepted.at(-1)!, bytes)
    }
    expect(accepted.length, 'changes that are accepted').to.be.greaterThan(20)
    await expectTheSame(accepted)
  })
})

async function expectTheSame(files: readonly string[]): Promise<void> {
  const theirs = pythonLists(files)
  for (const [index, file] of files.entries()) {
    expect(ourList(await readFile(file)), file).to.deep.equal(theirs[index])
  }
}

/** Where the block is a header, so that changes are not all found by its checksum. */
function mendChecksum(block: Buffer): void {
  if (block.toString('latin1', 257, 262) !== 'ustar') return
  block.fill(' ', 148, 156)
  const sum = block.reduce((total, byte) => total + byte, 0)
  block.write(sum.toString(8).padStart(6, '0') + '\0 ', 148, 'latin1')
}
