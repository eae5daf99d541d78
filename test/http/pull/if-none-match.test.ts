import { expect } from 'chai'
import fc from 'fast-check'
import { hasArchive, readIfNoneMatch } from '../../../server/http/pull/if-none-match.ts'
import { DIGEST, PROCESS } from './conditional-forms.ts'

describe('what was read of If-None-Match', () => {
  it('is remembered for what Rasa sends, also where a proxy has added to it', () => {
    for (const value of [PROCESS, `"${DIGEST}.${PROCESS}"`, `W/"${DIGEST}.${PROCESS}--gzip"`]) {
      expect(readIfNoneMatch(value), value).to.equal(readIfNoneMatch(value))
    }
  })

  it('is the same of a tag as it was sent and of one that a proxy put white space around', () => {
    const sent = `"${DIGEST}.${PROCESS}"`
    const expected = {
      claim: { kind: 'running', process: PROCESS, digest: DIGEST },
      entityTag: sent,
      digests: [DIGEST],
      hints: [],
    }
    for (const list of [sent, ` ${sent}`]) expect(readIfNoneMatch(list)).to.deep.equal({ ...expected, list })
  })

  it('is the same of whatever looks like a tag, whether it is read at once or part by part', () => {
    const hex = (length: number) =>
      fc
        .uint8Array({ minLength: 33, maxLength: 33 })
        .map((bytes) => Buffer.from(bytes).toString('hex').slice(0, length))
    const process = fc.oneof(
      fc.uuid({ version: 4 }).map((uuid) => uuid.replaceAll('-', '')),
      fc.uuid().map((uuid) => uuid.replaceAll('-', '')),
      hex(32),
    )
    const tag = fc.tuple(
      fc.constantFrom('', 'W/', 'w/', '"'),
      fc.constantFrom('"', '"', '"', ''),
      fc.oneof(
        hex(64),
        hex(63),
        hex(65),
        hex(64).map((text) => text.toUpperCase()),
      ),
      fc.constantFrom('.', '.', '.', '..', ':', ''),
      process,
      fc.constantFrom('', '', '', '-gzip', '--gzip', ';gzip', '-br', '.', '\n', 'f'),
      fc.constantFrom('"', '"', '"', '', '"-gzip', '",', '"\n'),
    )
    fc.assert(
      fc.property(tag, (parts) => {
        const list = parts.join('')
        const { list: _, ...atOnce } = readIfNoneMatch(list)
        // White space behind it means nothing, and has it read part by part.
        const { list: __, ...byParts } = readIfNoneMatch(`${list} `)
        expect(atOnce).to.deep.equal(byParts)
      }),
    )
  })

  it('is not remembered for long values: how much memory they take would be up to any client', () => {
    const list = Array.from({ length: 200 }, () => `"${DIGEST}"`).join(', ')
    expect(readIfNoneMatch(list)).to.deep.equal(readIfNoneMatch(list))
    expect(readIfNoneMatch(list)).to.not.equal(readIfNoneMatch(list))
  })

  it('names the archive in a long list all the same, wherever it stands', () => {
    const others = Array.from({ length: 200 }, (_, number) => `"${number.toString(16).padStart(64, '0')}"`)
    for (const list of [
      [`"${DIGEST}"`, ...others],
      [...others, `W/"${DIGEST}.${PROCESS}"`],
    ]) {
      const read = readIfNoneMatch(list.join(', '))
      expect(hasArchive(read, DIGEST)).to.equal(true)
      expect(hasArchive(read, DIGEST.replace('7', '8'))).to.equal(false)
      expect(read.claim).to.deep.equal({ kind: 'unknown' })
    }
    expect(hasArchive(readIfNoneMatch(`"${DIGEST}x", ${others.join(', ')}`), DIGEST)).to.equal(false)
  })
})
