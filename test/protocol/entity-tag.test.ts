import { expect } from 'chai'
import fc from 'fast-check'
import {
  formatArchiveTag,
  parseArchiveTag,
  parseEntityTags,
  parseProcessTag,
  withoutProxySuffix,
} from '../../protocol/entity-tag.ts'

const digest = '6bdd6d298fbc437e89d9b13e470c848e73dce3ec86f2db7381ee90055b59faab'
const process = 'abdd6d298fbc437e89d9b13e470c848e'

const digests = fc.stringMatching(/^[0-9a-f]{64}$/)
const processes = fc.uuid({ version: 4 }).map((uuid) => uuid.replaceAll('-', ''))
/** What may stand between the quotes (RFC 9110 §8.8.3). */
const opaques = fc.stringMatching(/^[\x21\x23-\x7e]{0,80}$/)

describe('entity tags of archives', () => {
  it('are the digest in quotes', () => {
    expect(formatArchiveTag({ digest })).to.equal(`"${digest}"`)
  })

  it('carry the process that they were made for', () => {
    expect(formatArchiveTag({ digest, process })).to.equal(`"${digest}.${process}"`)
  })

  it('read back as they were written', () => {
    fc.assert(
      fc.property(digests, fc.option(processes, { nil: undefined }), (one, name) => {
        const tag = name === undefined ? { digest: one } : { digest: one, process: name }
        expect(parseArchiveTag(formatArchiveTag(tag).slice(1, -1))).to.deep.equal(tag)
      }),
    )
  })

  it('are known as a process sends them back, byte for byte, and in no other form', () => {
    fc.assert(
      fc.property(digests, processes, (one, name) => {
        const tag = formatArchiveTag({ digest: one, process: name })
        expect(parseProcessTag(tag)).to.deep.equal({ digest: one, process: name })
        for (const other of [`W/${tag}`, `${tag} `, tag.slice(1, -1), `"${one}"`, name, `${tag}, ${tag}`])
          expect(parseProcessTag(other), other).to.equal(undefined)
      }),
    )
  })

  for (const opaque of [
    '',
    digest.toUpperCase(),
    digest.slice(1),
    `${digest}.`,
    `.${process}`,
    `${digest}.${process}.${process}`,
    `${digest}.${'0'.repeat(32)}`,
    `${digest}-gzip`,
    process,
  ]) {
    it(`are not ${opaque.slice(0, 12) || 'empty'}… of ${opaque.length} characters`, () => {
      expect(parseArchiveTag(opaque)).to.equal(undefined)
    })
  }

  for (const suffix of ['-gzip', '--gzip', ';gzip', '-br']) {
    it(`are known again behind a proxy that appends ${suffix}`, () => {
      expect(withoutProxySuffix(`${digest}.${process}${suffix}`)).to.equal(`${digest}.${process}`)
    })
  }

  it('that nobody touched stay as they are', () => {
    fc.assert(
      fc.property(digests, (one) => {
        expect(withoutProxySuffix(one)).to.equal(one)
      }),
    )
  })
})

describe('lists of entity tags', () => {
  it('read back as they were written, with any white space and empty elements between', () => {
    const tags = fc.array(fc.record({ opaque: opaques, weak: fc.boolean() }), { minLength: 1, maxLength: 5 })
    fc.assert(
      fc.property(tags, fc.constantFrom(',', ', ', ' ,\t', ',,'), (list, comma) => {
        const value = list.map(({ opaque, weak }) => `${weak ? 'W/' : ''}"${opaque}"`).join(comma)
        expect(parseEntityTags(value)).to.deep.equal(list)
      }),
    )
  })

  it('may be everything', () => {
    expect(parseEntityTags(' * ')).to.equal('*')
  })

  it('may hold commas inside quotes', () => {
    expect(parseEntityTags('"a,b"')).to.deep.equal([{ opaque: 'a,b', weak: false }])
  })

  for (const value of ['abc', '"abc', 'abc"', '"a" "b"', 'w/"a"', 'W/ "a"', '"a", *', '"a b"']) {
    it(`are not ${value}`, () => {
      expect(parseEntityTags(value)).to.equal(undefined)
    })
  }

  it('never throw, and end, whatever is sent', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 500 }), (value) => {
        const tags = parseEntityTags(value)
        expect(tags === undefined || tags === '*' || Array.isArray(tags)).to.equal(true)
      }),
    )
  })

  it('are read in linear time: polls wait for nothing else', () => {
    const begun = performance.now()
    parseEntityTags(`"${'a", "'.repeat(20_000)}`)
    parseEntityTags(`${' '.repeat(100_000)}x`)
    expect(performance.now() - begun).to.be.below(1000)
  })
})
