import { expect } from 'chai'
import fc from 'fast-check'
import { parseClaim } from '../../protocol/claim.ts'
import { formatArchiveTag } from '../../protocol/entity-tag.ts'

const digest = '6bdd6d298fbc437e89d9b13e470c848e73dce3ec86f2db7381ee90055b59faab'
const process = 'abdd6d298fbc437e89d9b13e470c848e'
const running = { kind: 'running', process, digest }

describe('what a poll says about its sender', () => {
  it('a bare name: a process that has loaded nothing yet', () => {
    expect(parseClaim(process)).to.deep.equal({ kind: 'fresh', process })
  })

  it('the tag that was made for it, verbatim: a process that runs this archive', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[0-9a-f]{64}$/), fc.uuid({ version: 4 }), (one, uuid) => {
        const name = uuid.replaceAll('-', '')
        expect(parseClaim(formatArchiveTag({ digest: one, process: name }))).to.deep.equal({
          kind: 'running',
          process: name,
          digest: one,
        })
      }),
    )
  })

  for (const [what, value] of Object.entries({
    'marked weak': `W/"${digest}.${process}"`,
    'without its quotes': `${digest}.${process}`,
    'weak and without its quotes': `W/${digest}.${process}`,
    'with what Apache appends': `"${digest}.${process}-gzip"`,
    'with what Jetty appends': `"${digest}.${process}--gzip"`,
    'with what a load balancer appends': `"${digest}.${process};gzip"`,
    'with what Apache appends for brotli': `"${digest}.${process}-br"`,
    'with white space around it': `  "${digest}.${process}"\t`,
  })) {
    it(`the tag ${what}: the same`, () => {
      expect(parseClaim(value)).to.deep.equal(running)
    })
  }

  for (const [what, value] of Object.entries<string | undefined>({
    nothing: undefined,
    'an empty field': '',
    everything: '*',
    'a plain digest in quotes': `"${digest}"`,
    'a plain digest': digest,
    'a list': `"${digest}.${process}", "${digest}"`,
    "some other server's tag": '"5f3a-61c0"',
    'an MD5': 'd41d8cd98f00b204e9800998ecf8427e',
    'a name in upper case': process.toUpperCase(),
    'a tag with two processes': `"${digest}.${process}.${process}"`,
    'one quote': `"${digest}.${process}`,
  })) {
    it(`${what}: nobody who is tracked`, () => {
      expect(parseClaim(value)).to.deep.equal({ kind: 'unknown' })
    })
  }

  it('anything at all: an answer, never an error', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 300 }), (value) => {
        expect(parseClaim(value).kind).to.be.oneOf(['fresh', 'running', 'unknown'])
      }),
    )
  })
})
