import { expect } from 'chai'
import { describeSignature } from '../../../client/cli/describe-signature.ts'

describe('the signature of a release in words', () => {
  const none = { format: 'model-signing', verified: false, key: null, identity: null, issuer: null } as const
  const cases: [
    what: string,
    signature: Parameters<typeof describeSignature>[0],
    words: string | undefined,
  ][] = [
    ['of an older server', undefined, undefined],
    ['that is not there', null, 'no'],
    ['that nobody checked', none, 'yes, by whom was not checked'],
    ['by a key', { ...none, verified: true, key: 'a'.repeat(64) }, 'by the key aaaaaaaaaaaa'],
    [
      'by an identity',
      { ...none, verified: true, identity: 'https://github.com/a/b\u001b', issuer: 'https://issuer' },
      'by https://github.com/a/b\ufffd of https://issuer',
    ],
  ]
  for (const [what, signature, words] of cases) {
    it(`${what}: ${words ?? 'nothing'}`, () => {
      expect(describeSignature(signature)).to.equal(words)
    })
  }
})
