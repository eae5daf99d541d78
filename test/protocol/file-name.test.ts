import { expect } from 'chai'
import fc from 'fast-check'
import { isSafeFileName, safeFileName } from '../../protocol/file-name.ts'
import { anyCharacter } from '../support/any-character.ts'

describe('file names', () => {
  for (const name of [
    'a.tar.gz',
    'shop-6bdd.tar.gz',
    '20261123-084606-hot_stew.tar.gz',
    `${'a'.repeat(128)}.tar.gz`,
  ]) {
    it(`${name.slice(0, 40)} may be served as it is`, () => {
      expect(isSafeFileName(name)).to.equal(true)
      expect(safeFileName(name)).to.equal(name)
    })
  }

  for (const name of [
    '.tar.gz',
    '.hidden.tar.gz',
    'a.zip',
    'a.tar.gz\r\nX: y',
    '../a.tar.gz',
    'a/b.tar.gz',
    'a\\b.tar.gz',
    'größe.tar.gz',
    `${'a'.repeat(129)}.tar.gz`,
  ]) {
    it(`${JSON.stringify(name.slice(0, 30))} may not`, () => {
      expect(isSafeFileName(name)).to.equal(false)
    })
  }

  const mended: Record<string, string | undefined> = {
    'C:\\models\\hot stew.tar.gz': 'hot-stew.tar.gz',
    '/etc/passwd': 'passwd.tar.gz',
    '../../x.tar.gz': 'x.tar.gz',
    '.hidden.tar.gz': 'hidden.tar.gz',
    'model.TGZ': 'model.tar.gz',
    'model.gz': 'model.tar.gz',
    model: 'model.tar.gz',
    'größe.tar.gz': 'gr-e.tar.gz',
    'a\r\nX: y.tar.gz': 'a-X-y.tar.gz',
    '': undefined,
    '.tar.gz': undefined,
    '...': undefined,
    日本: undefined,
    'folder/': undefined,
  }
  for (const [name, expected] of Object.entries(mended)) {
    it(`${JSON.stringify(name)} becomes ${String(expected)}`, () => {
      expect(safeFileName(name)).to.equal(expected)
    })
  }

  it('that were mended are safe, whatever was sent, and need no mending again', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: anyCharacter, maxLength: 300 }), fc.string()), (name) => {
        const safe = safeFileName(name)
        if (safe === undefined) return
        expect(isSafeFileName(safe), safe).to.equal(true)
        expect(safeFileName(safe)).to.equal(safe)
      }),
    )
  })
})
