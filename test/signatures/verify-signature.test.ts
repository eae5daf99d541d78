import { createHash, createPublicKey, generateKeyPairSync, sign } from 'node:crypto'
import { expect } from 'chai'
import type { TrustedSigner } from '../../protocol/signature.ts'
import { signDigest } from '../../client/signing/sign-digest.ts'
import { preAuthenticationEncoding } from '../../signatures/pre-authentication.ts'
import { SignatureRefused } from '../../signatures/signature-refused.ts'
import { readTrustedRoots, type CertificateTrust } from '../../signatures/trusted-root.ts'
import { readSigners } from '../../signatures/trusted-signers.ts'
import { verifySignature } from '../../signatures/verify-signature.ts'
import { aKeyPair } from '../support/key-pairs.ts'
import { shortOrLong } from '../support/long-form.ts'
import { GITHUB, NOW, provenanceOf, SigstoreInstance, WORKFLOW } from '../support/sigstore-instance.ts'

const DIGEST = createHash('sha256').update('an archive').digest('hex')
const OTHER_DIGEST = createHash('sha256').update('another archive').digest('hex')

/** A bundle as JSON has it, to be changed. */
interface Bundle {
  mediaType: string
  verificationMaterial: Record<string, unknown>
  dsseEnvelope: { payload: string; payloadType: string; signatures: { sig: string; keyid?: string }[] }
}

/** Checks a bundle; gives who signed it, or why it does not count. */
function outcomeOf(
  bundle: string | Buffer,
  signers: TrustedSigner[],
  { digest = DIGEST, root }: { digest?: string; root?: string | CertificateTrust[] } = {},
): string {
  const roots = typeof root === 'string' ? readTrustedRoots(root) : (root ?? [])
  try {
    const { signer } = verifySignature(Buffer.from(bundle), digest, { signers: readSigners(signers), roots })
    return signer.kind === 'key' ? 'key' : `${signer.identity} of ${signer.issuer}`
  } catch (error) {
    if (error instanceof SignatureRefused) return error.fault
    throw error
  }
}

/** A bundle with something changed, unsigned. */
function changed(bundle: string, change: (bundle: Bundle) => void): string {
  const value = JSON.parse(bundle) as Bundle
  change(value)
  return JSON.stringify(value)
}

describe('a signature by a key', () => {
  const pair = aKeyPair()
  const bundle = signDigest(DIGEST, 'shop.tar.gz', pair.privateKey)
  const trusted = [{ key: pair.publicPem }]

  for (const curve of ['P-256', 'P-384', 'P-521']) {
    it(`counts with ${curve}`, () => {
      const { privateKey, publicPem } = aKeyPair(curve)
      const signed = signDigest(DIGEST, 'shop.tar.gz', privateKey)
      expect(outcomeOf(signed, [{ key: aKeyPair(curve).publicPem }, { key: publicPem }])).to.equal('key')
    })
  }

  it('does not count with another key', () => {
    expect(outcomeOf(bundle, [{ key: aKeyPair().publicPem }])).to.equal('untrusted')
  })

  it('does not count for other bytes', () => {
    expect(outcomeOf(bundle, trusted, { digest: OTHER_DIGEST })).to.equal('other-archive')
  })

  it('does not count where an identity is asked for', () => {
    const identity = { identity: '.*', issuer: GITHUB }
    expect(outcomeOf(bundle, [identity], { root: new SigstoreInstance().trustedRoot() })).to.equal(
      'untrusted',
    )
  })

  const forged: [what: string, change: (bundle: Bundle) => void, outcome: string][] = [
    ['another payload type', ({ dsseEnvelope }) => (dsseEnvelope.payloadType = 'text/plain'), 'malformed'],
    ['no signatures', ({ dsseEnvelope }) => (dsseEnvelope.signatures = []), 'malformed'],
    ['an empty signature', ({ dsseEnvelope }) => (dsseEnvelope.signatures = [{ sig: '' }]), 'malformed'],
    [
      'two signatures',
      ({ dsseEnvelope }) => dsseEnvelope.signatures.push(...dsseEnvelope.signatures),
      'malformed',
    ],
    ['no envelope', (value) => delete (value as Partial<Bundle>).dsseEnvelope, 'malformed'],
    ['another media type', (value) => (value.mediaType = 'application/json'), 'malformed'],
    [
      'a payload that was not signed',
      ({ dsseEnvelope }) => {
        const other = signDigest(DIGEST, 'other.tar.gz', aKeyPair().privateKey)
        dsseEnvelope.payload = (JSON.parse(other) as Bundle).dsseEnvelope.payload
      },
      'untrusted',
    ],
  ]
  for (const [what, change, outcome] of forged) {
    it(`does not count with ${what}: ${outcome}`, () => {
      expect(outcomeOf(changed(bundle, change), trusted)).to.equal(outcome)
    })
  }

  it('does not count where a member is there twice, in the bundle or in what is signed', () => {
    const twice = bundle.replace('"payloadType"', '"payload":"e30=","payloadType"')
    expect(outcomeOf(twice, trusted)).to.equal('malformed')
    const statement = payloadOf(bundle).replace('"predicateType"', '"subject":[],"predicateType"')
    expect(outcomeOf(signedBy(pair.privateKey, statement), trusted)).to.equal('malformed')
  })

  it('does not count where it is longer than 64 KiB', () => {
    expect(outcomeOf(`${bundle}${' '.repeat(64 * 1024)}`, trusted)).to.equal('malformed')
  })

  for (const [what, text] of Object.entries({
    nothing: '',
    'a text': 'signed, sealed, delivered',
    'an array': '[]',
    null: 'null',
    'a number': '1e999',
    'an object': '{}',
    'an object of its own kind': '{"__proto__":{"mediaType":"x"}}',
  })) {
    it(`does not count where it is ${what}`, () => {
      expect(outcomeOf(text, trusted)).to.equal('malformed')
    })
  }

  it('means the same or nothing whichever byte is flipped', function () {
    this.timeout(60_000)
    const bytes = Buffer.from(bundle)
    for (let index = 0; index < bytes.length; index++) {
      for (const mask of [0x01, 0x20, 0x80]) {
        const flipped = Buffer.from(bytes)
        flipped[index] = (flipped[index] ?? 0) ^ mask
        expect(outcomeOf(flipped, trusted)).to.be.oneOf(['key', 'untrusted', 'malformed', 'other-archive'])
        // Whatever passes is about the same bytes still: it never is for others.
        expect(outcomeOf(flipped, trusted, { digest: OTHER_DIGEST })).to.not.equal('key')
      }
    }
  })
})

describe('what a key says of an archive', () => {
  const { privateKey, publicPem } = aKeyPair()
  const trusted = [{ key: publicPem }]
  const root = (...digests: string[]) =>
    createHash('sha256')
      .update(Buffer.concat(digests.map((each) => Buffer.from(each, 'hex'))))
      .digest('hex')
  const statement = (resources: string[], subject: string, more: object = {}): object => ({
    _type: 'https://in-toto.io/Statement/v1',
    subject: [{ name: 'shop', digest: { sha256: subject } }],
    predicateType: 'https://model_signing/signature/v1.0',
    predicate: {
      serialization: { method: 'files', hash_type: 'sha256', allow_symlinks: false },
      resources: resources.map((digest, index) => ({ name: `${index}`, algorithm: 'sha256', digest })),
    },
    ...more,
  })
  const cases: [what: string, statement: object, outcome: string][] = [
    ['counts by its one resource', statement([DIGEST], root(DIGEST)), 'key'],
    ['counts as provenance', provenanceOf(DIGEST), 'key'],
    ['counts as one of several subjects of provenance', provenanceOf(OTHER_DIGEST, DIGEST), 'key'],
    [
      'does not count in a folder of several files',
      statement([DIGEST, OTHER_DIGEST], root(DIGEST, OTHER_DIGEST)),
      'malformed',
    ],
    [
      'does not count where the subject is not made of the resource',
      statement([DIGEST], DIGEST),
      'malformed',
    ],
    ['does not count without resources', statement([], root()), 'malformed'],
    [
      'does not count with the digest in capitals',
      statement([DIGEST.toUpperCase()], root(DIGEST)),
      'malformed',
    ],
    [
      'does not count as another kind of attestation',
      { ...provenanceOf(DIGEST), predicateType: 'https://in-toto.io/attestation/test-result/v0.1' },
      'malformed',
    ],
    [
      'does not count in another version of the statement',
      { ...provenanceOf(DIGEST), _type: 'https://in-toto.io/Statement/v2' },
      'malformed',
    ],
    ['does not count as provenance of nothing', { ...provenanceOf(), subject: [] }, 'malformed'],
    ['does not count as provenance of other bytes', provenanceOf(OTHER_DIGEST), 'other-archive'],
  ]
  for (const [what, said, outcome] of cases) {
    it(what, () => {
      expect(outcomeOf(signedBy(privateKey, JSON.stringify(said)), trusted)).to.equal(outcome)
    })
  }
})

describe('a signature by an identity', () => {
  const sigstore = new SigstoreInstance()
  const root = sigstore.trustedRoot()
  const bundle = sigstore.attest({ digest: DIGEST })
  const main = { identity: 'https://github\\.com/acme/shop/.*', issuer: GITHUB }

  it('counts where the whole identity matches, and its issuer is the one', () => {
    expect(outcomeOf(bundle, [main], { root })).to.equal(`${WORKFLOW} of ${GITHUB}`)
  })

  const others: [what: string, signer: TrustedSigner][] = [
    [
      'the pattern matches only the beginning',
      { identity: 'https://github\\.com/acme/shop/', issuer: GITHUB },
    ],
    ['the pattern matches only the end', { identity: 'train\\.yml@refs/heads/main', issuer: GITHUB }],
    [
      'one of two patterns matches only the beginning',
      { identity: 'https://github\\.com|x', issuer: GITHUB },
    ],
    ['another issuer vouches', { ...main, issuer: 'https://gitlab.com' }],
    ['a key is asked for', { key: aKeyPair().publicPem }],
    ['the pattern never ends', { identity: '(?:(?:[a-z:/.@_-]+)*)*!', issuer: GITHUB }],
  ]
  for (const [what, signer] of others) {
    it(`does not count where ${what}`, () => {
      expect(outcomeOf(bundle, [signer], { root })).to.equal('untrusted')
    })
  }

  it('does not count without a trusted root, nor with that of another instance', () => {
    expect(outcomeOf(bundle, [main])).to.equal('untrusted')
    expect(outcomeOf(bundle, [main], { root: new SigstoreInstance().trustedRoot() })).to.equal('untrusted')
  })

  it('counts by any of several trusted roots, one a line', () => {
    const lines = [new SigstoreInstance().trustedRoot(), root].join('\n')
    expect(outcomeOf(bundle, [main], { root: lines })).to.equal(`${WORKFLOW} of ${GITHUB}`)
  })

  it('does not count where the log took it in after the certificate had ended', () => {
    const late = sigstore.attest({ digest: DIGEST, at: new Date(NOW.getTime() + 3_600_000) })
    expect(outcomeOf(late, [main], { root })).to.equal('untrusted')
  })

  it('does not count without an entry in the log', () => {
    const unlogged = changed(bundle, ({ verificationMaterial }) => (verificationMaterial['tlogEntries'] = []))
    expect(outcomeOf(unlogged, [main], { root })).to.equal('untrusted')
  })

  it('does not count with the entry of another signature', () => {
    const { verificationMaterial: other } = JSON.parse(sigstore.attest({ digest: OTHER_DIGEST })) as Bundle
    const mixed = changed(bundle, ({ verificationMaterial }) => {
      verificationMaterial['tlogEntries'] = other['tlogEntries']
    })
    expect(outcomeOf(mixed, [main], { root })).to.equal('untrusted')
  })

  it('means the same or nothing whichever byte is flipped', function () {
    this.timeout(600_000)
    const bytes = Buffer.from(bundle)
    const stride = shortOrLong('flipped bytes of a signature by an identity: every tenth', {
      short: 10,
      long: 1,
    })
    const signer = `${WORKFLOW} of ${GITHUB}`
    const roots = readTrustedRoots(root)
    for (let index = 0; index < bytes.length; index += stride) {
      const flipped = Buffer.from(bytes)
      flipped[index] = (flipped[index] ?? 0) ^ 0x01
      const outcome = outcomeOf(flipped, [main], { root: roots })
      expect(outcome).to.be.oneOf([signer, 'untrusted', 'malformed', 'other-archive'])
    }
  })
})

describe('keys', () => {
  const pem = (key: string) => () => readSigners([{ key }])
  const publicPem = (type: 'rsa' | 'ed25519' | 'secp256k1') => {
    const { publicKey } =
      type === 'rsa'
        ? generateKeyPairSync('rsa', { modulusLength: 2048 })
        : type === 'ed25519'
          ? generateKeyPairSync('ed25519')
          : generateKeyPairSync('ec', { namedCurve: 'secp256k1' })
    return createPublicKey(publicKey.export({ type: 'spki', format: 'pem' }))
      .export({ type: 'spki', format: 'pem' })
      .toString()
  }

  for (const type of ['rsa', 'ed25519', 'secp256k1'] as const) {
    it(`of another kind are refused: ${type}`, () => {
      expect(pem(publicPem(type))).to.throw('signer 1: it is a key of another kind')
    })
  }

  it('that are private are refused, and nothing of them is told', () => {
    const { privatePem } = aKeyPair()
    expect(pem(privatePem))
      .to.throw('private key')
      .with.property('message')
      .that.does.not.include(privatePem.slice(30, 60))
  })

  it('that are several in one are refused: all but the first would be passed over', () => {
    expect(pem(aKeyPair().publicPem + aKeyPair().publicPem)).to.throw('several keys')
  })

  it('that are none are refused', () => {
    expect(pem('-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n')).to.throw(
      'no sound public key',
    )
    expect(pem('ssh-rsa AAAA')).to.throw('no public key in PEM')
  })
})

describe('patterns of identities', () => {
  for (const identity of ['a)|(?:.*', '(', '[a', '*', 'a{2,1}']) {
    it(`that are no regular expression are refused: ${identity}`, () => {
      expect(() => readSigners([{ identity, issuer: GITHUB }])).to.throw('no regular expression')
    })
  }

  it('need an issuer that is an address', () => {
    expect(() => readSigners([{ identity: '.*', issuer: 'GitHub' }])).to.throw('issuer is no address')
  })
})

function payloadOf(bundle: string): string {
  return Buffer.from((JSON.parse(bundle) as Bundle).dsseEnvelope.payload, 'base64').toString()
}

/** A bundle whose payload is this text, rightly signed. */
function signedBy(key: Parameters<typeof signDigest>[2], payload: string): string {
  return changed(signDigest(DIGEST, 'shop.tar.gz', key), ({ dsseEnvelope }) => {
    const encoded = preAuthenticationEncoding(dsseEnvelope.payloadType, Buffer.from(payload))
    dsseEnvelope.payload = Buffer.from(payload).toString('base64')
    dsseEnvelope.signatures = [{ sig: sign('sha256', encoded, key).toString('base64') }]
  })
}
