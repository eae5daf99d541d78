import { readFile } from 'node:fs/promises'
import { gunzipSync, gzipSync } from 'node:zlib'
import { expect } from 'chai'
import fc from 'fast-check'
import { ArchiveInspection } from '../../archives/archive-inspection.ts'
import { DEFAULT_ARCHIVE_LIMITS } from '../../archives/archive-limits.ts'
import { ArchiveRefused } from '../../archives/archive-refused.ts'
import { TarReader } from '../../archives/tar/tar-reader.ts'
import { anArchive, gzipOf, paxMember, tarOf } from '../support/archive-builder.ts'
import { shortOrLong } from '../support/long-form.ts'
import { inspect, outcomeOf } from './inspect.ts'
import { soundTar, withMembers } from './hostile-archive.ts'

const real = await readFile(new URL('../fixtures/archives/rasa-3.6-light-v1.tar.gz', import.meta.url))
const realTar = gunzipSync(real)

const share = shortOrLong('archives of odd and damaged bytes: a fifth of them', { short: 0.2, long: 1 })

/** How often a rule is tried in this form, of so many times. */
function runs(most: number): number {
  return Math.ceil(most * share)
}

/** The outcome of these bytes cut at these places, facts included. */
async function outcomeInPieces(bytes: Buffer, cuts: readonly number[]): Promise<string> {
  const inspection = new ArchiveInspection()
  const places = [...new Set(cuts.map((cut) => cut % bytes.length)), bytes.length].sort((a, b) => a - b)
  let start = 0
  const work = async () => {
    for (const end of places) {
      await inspection.write(bytes.subarray(start, end))
      start = end
    }
    return JSON.stringify(await inspection.end())
  }
  let facts = ''
  const outcome = await outcomeOf(work().then((learned) => (facts = learned)))
  inspection.abort()
  return outcome + facts
}

/** What a tar reader makes of these bytes; anything but an acceptance or a refusal goes on up. */
function tarOutcome(tar: Buffer): string {
  const reader = new TarReader(DEFAULT_ARCHIVE_LIMITS)
  try {
    reader.push(tar)
    reader.end()
    return 'accepted'
  } catch (error) {
    if (error instanceof ArchiveRefused) return error.code
    throw error
  }
}

describe('whatever the bytes', () => {
  const samples: [name: string, bytes: Buffer][] = [
    ['a real archive', real],
    ['a built archive', anArchive({ payloadBytes: 300_000 })],
    ['a wrong CRC', gzipWithWrongCrc()],
    ['trailing data', Buffer.concat([real, Buffer.from('\0junk')])],
    ['two members', Buffer.concat([real, real])],
    ['a cut archive', real.subarray(0, -3)],
    ['an unsafe path', withMembers({ path: '../outside' })],
    ['a broken PAX record', withMembers(paxMember('9 abcdef\n'), { path: 'odd' })],
    ['something after the tar', gzipOf(Buffer.concat([soundTar(), Buffer.from('junk')]))],
  ]
  for (const [name, bytes] of samples) {
    it(`says the same of ${name} however it is cut into chunks`, async () => {
      const whole = await outcomeInPieces(bytes, [])
      await fc.assert(
        fc.asyncProperty(fc.array(fc.nat(bytes.length - 1), { maxLength: 60 }), async (cuts) => {
          expect(await outcomeInPieces(bytes, cuts)).to.equal(whole)
        }),
        { numRuns: runs(30) },
      )
    })
  }

  it('refuses every flipped bit of a real archive that changes what it unpacks to', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(real.length - 1), fc.nat(7), async (index, bit) => {
        const flipped = Buffer.from(real)
        flipped[index]! ^= 1 << bit
        // Harmless are the time and the name in the gzip header, and references to the same bytes elsewhere.
        const outcome = await outcomeOf(inspect(flipped))
        if (outcome === 'accepted') expect(gunzipSync(flipped).equals(realTar)).to.be.true
      }),
      { numRuns: runs(600) },
    )
  })

  it('refuses a real archive cut anywhere', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(real.length - 1), async (length) => {
        expect(await outcomeOf(inspect(real.subarray(0, length)))).to.equal('archive-truncated')
      }),
      { numRuns: runs(100) },
    )
  })

  it('takes no noise, and throws nothing but refusals', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 3000 }), fc.boolean(), async (noise, packed) => {
        expect(await outcomeOf(inspect(packed ? gzipSync(noise) : noise))).to.match(/^archive-/)
      }),
      { numRuns: runs(200) },
    )
  })

  it('throws nothing but refusals, whatever stands in a tar header with a right checksum', () => {
    const byte = fc.record({ offset: fc.nat(511), value: fc.nat(255) })
    fc.assert(
      fc.property(fc.array(byte, { minLength: 1, maxLength: 12 }), (bytes) => {
        const alter = (header: Buffer) => {
          for (const { offset, value } of bytes) header[offset] = value
        }
        expect(tarOutcome(tarOf([{ path: 'components/odd', content: 'x', alter }]))).to.match(/^a/)
      }),
      { numRuns: runs(5000) },
    )
  })

  it('throws nothing but refusals, whatever bytes of a real tar are changed', () => {
    const byte = fc.record({ index: fc.nat(realTar.length - 1), value: fc.nat(255) })
    fc.assert(
      fc.property(fc.array(byte, { minLength: 1, maxLength: 5 }), (bytes) => {
        const changed = Buffer.from(realTar)
        for (const { index, value } of bytes) changed[index] = value
        expect(tarOutcome(changed)).to.match(/^a/)
      }),
      { numRuns: runs(300) },
    )
  })

  it('throws nothing but refusals, whatever stands in PAX records', () => {
    const text = fc.oneof(fc.string(), fc.constantFrom('path', 'size', '12 path=a\n', '1', '=', '\n', ' '))
    fc.assert(
      fc.property(fc.array(text, { maxLength: 8 }), fc.constantFrom('x', 'g', 'L', 'K'), (parts, type) => {
        const extended = { ...paxMember(parts.join(''), type) }
        expect(tarOutcome(tarOf([extended, { path: 'odd', content: 'x' }]))).to.match(/^a/)
      }),
      { numRuns: runs(2000) },
    )
  })

  it('throws nothing but refusals, whatever JSON stands in metadata.json', async () => {
    const keys = fc.constantFrom(
      'model_id',
      'domain',
      'predict_schema',
      'nodes',
      'resource',
      'name',
      'intents',
      'uses',
    )
    const json = fc.letrec((tie) => ({
      value: fc.oneof(
        { depthSize: 'small' },
        fc.jsonValue({ maxDepth: 1 }),
        fc.dictionary(keys, tie('value')),
        fc.array(tie('value'), { maxLength: 3 }),
      ),
    })).value
    await fc.assert(
      fc.asyncProperty(json, json, async (graph, domain) => {
        const content = JSON.stringify({ model_id: 'a', predict_schema: { nodes: { n: graph } }, domain })
        const outcome = await outcomeOf(inspect(anArchive({ members: [{ path: 'metadata.json', content }] })))
        expect(outcome).to.be.oneOf(['accepted', 'archive-metadata-invalid', 'archive-incomplete'])
      }),
      { numRuns: runs(300) },
    )
  })
})

function gzipWithWrongCrc(): Buffer {
  const bytes = Buffer.from(real)
  bytes[bytes.length - 8]! ^= 0xff
  return bytes
}
