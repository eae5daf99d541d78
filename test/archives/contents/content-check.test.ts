import { readFile } from 'node:fs/promises'
import { expect } from 'chai'
import fc from 'fast-check'
import { contentCheckFor } from '../../../archives/contents/content-check-for.ts'
import { readMembers } from '../../support/read-members.ts'

/** What is found wrong with a file of this name and content, given in pieces of this size. */
function damageOf(name: string, content: Uint8Array | string, pieceSize = 7): string | undefined {
  const bytes = Buffer.from(content as string)
  const check = contentCheckFor(name, bytes.length)
  if (!check) return 'not checked'
  for (let start = 0; start < bytes.length; start += pieceSize) {
    check.push(bytes.subarray(start, start + pieceSize))
  }
  return check.damage()
}

const light = readMembers(
  await readFile(new URL('../../fixtures/archives/rasa-3.6-light-v2.tar.gz', import.meta.url)),
)
const skops = light.find(({ path }) => path.endsWith('.skops'))?.content ?? Buffer.alloc(0)

/** A safetensors file with this header and so many bytes of data. */
function safetensors(header: unknown, data: number): Buffer {
  const text = Buffer.from(typeof header === 'string' ? header : JSON.stringify(header))
  const length = Buffer.alloc(8)
  length.writeBigUInt64LE(BigInt(text.length))
  return Buffer.concat([length, text, Buffer.alloc(data)])
}
const tensors = { __metadata__: { a: 'b' }, x: { dtype: 'F32', shape: [2], data_offsets: [0, 8] } }

describe('the check of JSON', () => {
  it('finds nothing in any JSON, and something in every beginning of a list or an object', () => {
    fc.assert(
      fc.property(fc.json(), fc.integer({ min: 1, max: 50 }), fc.nat(), (json, pieceSize, cut) => {
        expect(damageOf('a.json', ` ${json}\n`, pieceSize)).to.equal(undefined)
        if (/^\s*[[{]/.test(json)) {
          const beginning = json.slice(0, cut % json.length)
          expect(damageOf('a.json', beginning, pieceSize)).not.to.equal(undefined)
        }
      }),
    )
  })

  it('takes NaN and Infinity, which Python writes', () => {
    expect(damageOf('a.json', '{"a": [NaN, -Infinity]}')).to.equal(undefined)
    expect(damageOf('a.json', 'NaN')).to.equal(undefined)
  })

  for (const [what, content, damage] of [
    ['nothing', '', 'is empty'],
    ['blanks alone', '  \n', 'is no JSON'],
    ['HTML', '<html>', 'is no JSON'],
    ['brackets that do not fit', '{"a": [1}', 'is no JSON'],
    ['something behind the end', '{} {}', 'is no JSON'],
    ['an open quote', '{"a', 'is cut'],
    ['a bracket within quotes', '{"a": "}', 'is cut'],
    ['an escaped quote', '{"a": "\\"}', 'is cut'],
  ] as const) {
    it(`says of ${what} that it ${damage}`, () => {
      expect(damageOf('a.json', content, 1)).to.equal(damage)
    })
  }

  it('bounds what it remembers of nested lists', () => {
    expect(damageOf('a.json', '['.repeat(100_000), 4096)).to.equal('is no JSON')
  })
})

describe('the check of skops files', () => {
  it('finds nothing in what Rasa writes', () => {
    for (const pieceSize of [1, 22, 1000, 1_000_000]) {
      expect(damageOf('a.skops', skops, pieceSize)).to.equal(undefined)
    }
  })

  it('finds every cut, at either end', () => {
    for (const length of [1, 3, 21, 22, 1000, skops.length - 1]) {
      expect(damageOf('a.skops', skops.subarray(0, length), 100), `the first ${length}`).not.to.equal(
        undefined,
      )
      expect(damageOf('a.skops', skops.subarray(-length), 100), `the last ${length}`).not.to.equal(undefined)
    }
    expect(damageOf('a.skops', '')).to.equal('is empty')
  })

  it('finds bytes that are missing in the middle', () => {
    const gap = Buffer.concat([skops.subarray(0, 500), skops.subarray(600)])
    expect(damageOf('a.skops', gap, 100)).to.equal('is cut')
  })
})

describe('the check of safetensors files', () => {
  it('finds nothing in a whole one, with arrays or without', () => {
    expect(damageOf('a.st', safetensors(tensors, 8))).to.equal(undefined)
    expect(damageOf('a.st', safetensors({}, 0), 1)).to.equal(undefined)
  })

  for (const [what, content] of [
    ['nothing', Buffer.alloc(0)],
    ['less than a length', Buffer.alloc(7)],
    ['a header that is cut', safetensors(tensors, 8).subarray(0, 20)],
    ['data that is cut', safetensors(tensors, 7)],
    ['bytes behind the data', safetensors(tensors, 9)],
    ['a header that is no JSON', safetensors('<html>', 8)],
    ['a header that is a list', safetensors([], 0)],
    ['a length beyond all bounds', Buffer.alloc(100, 0xff)],
  ] as const) {
    it(`finds ${what}`, () => {
      expect(damageOf('a.st', content)).to.be.a('string').and.not.equal('not checked')
    })
  }
})

describe('the check of TensorFlow indexes', () => {
  it('knows a whole one by its last bytes', () => {
    const whole = Buffer.concat([Buffer.alloc(100, 1), Buffer.from('57fb808b247547db', 'hex')])
    expect(damageOf('a.tf_model.index', whole, 5)).to.equal(undefined)
    expect(damageOf('a.tf_model.index', whole.subarray(0, 104))).to.equal('is cut')
    expect(damageOf('a.tf_model.index', '')).to.equal('is empty')
  })
})

describe('files of other kinds', () => {
  it('are not looked into', () => {
    expect(contentCheckFor('domain.yml', 10)).to.equal(undefined)
    expect(contentCheckFor('DIETClassifier.tf_model.data-00000-of-00001', 10)).to.equal(undefined)
  })
})
