import { expect } from 'chai'
import { parseClaim } from '../../../protocol/claim.ts'
import { hasArchive, readIfNoneMatch } from '../../../server/http/pull/if-none-match.ts'
import { DIGEST, PROCESS } from './conditional-forms.ts'

const TAG = `${DIGEST}.${PROCESS}`

/** What stands between a bot and the server may make of `"{tag}"`. */
const MANGLED: Record<string, string> = {
  'as it was': `"${TAG}"`,
  'marked weak (nginx gzip, Cloudflare)': `W/"${TAG}"`,
  'without its quotes': TAG,
  'weak and without quotes': `W/${TAG}`,
  '-gzip inside (Apache mod_deflate)': `"${TAG}-gzip"`,
  '-gzip behind the quote': `"${TAG}"-gzip`,
  '--gzip (Jetty)': `"${TAG}--gzip"`,
  ';gzip (load balancers)': `"${TAG};gzip"`,
  ';gzip behind the quote': `"${TAG}";gzip`,
  '-br (mod_brotli)': `"${TAG}-br"`,
  'weak and -gzip': `W/"${TAG}-gzip"`,
  '-gzip without quotes': `${TAG}-gzip`,
  'with blanks around it': `  "${TAG}" `,
}

describe('an entity tag that a proxy has changed', () => {
  for (const [how, value] of Object.entries(MANGLED)) {
    it(`still names the archive: ${how}`, () => {
      expect(hasArchive(readIfNoneMatch(value), DIGEST)).to.equal(true)
    })

    it(`still names the process: ${how}`, () => {
      expect(parseClaim(value)).to.deep.equal({ kind: 'running', process: PROCESS, digest: DIGEST })
    })
  }

  it('still names the archive where it carries no process', () => {
    for (const value of Object.values(MANGLED)) {
      const plain = value.replace(`.${PROCESS}`, '')
      expect(hasArchive(readIfNoneMatch(plain), DIGEST), plain).to.equal(true)
    }
  })

  for (const value of [
    `"${TAG}-zstd"`,
    `"${TAG}x"`,
    `"x${TAG}"`,
    `"${TAG.toUpperCase()}"`,
    `"${DIGEST}.${DIGEST}"`,
  ]) {
    it(`is another tag as ${value.slice(0, 12)}…${value.slice(-8)}`, () => {
      expect(hasArchive(readIfNoneMatch(value), DIGEST)).to.equal(false)
      expect(parseClaim(value)).to.deep.equal({ kind: 'unknown' })
    })
  }
})
