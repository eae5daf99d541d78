import { createHash, generateKeyPairSync, randomBytes, sign, type KeyObject } from 'node:crypto'
import { preAuthenticationEncoding } from '../../signatures/pre-authentication.ts'
import { STATEMENT_MEDIA_TYPE, STATEMENT_TYPE } from '../../signatures/statement.ts'
import { bits, context, der, integer, octets, oid, sequence, set, text, time, yes, type Der } from './der.ts'

/** Who signs, and what. */
export interface Attestation {
  digest: string
  identity?: string
  issuer?: string
  /** When the log took it in; the certificate is of ten minutes around NOW. */
  at?: Date
  /** Instead of SLSA provenance for `digest`. */
  statement?: object
}

export const NOW = new Date('2026-11-26T12:00:00Z')
export const GITHUB = 'https://token.actions.githubusercontent.com'
export const WORKFLOW = 'https://github.com/acme/shop/.github/workflows/train.yml@refs/heads/main'

const MINUTE = 60_000
const ECDSA_SHA256 = sequence(oid('1.2.840.10045.4.3.2'))

/**
 * A Sigstore of our own: an authority that certifies identities, and a log that proves when they signed. It does what Fulcio and
 * Rekor do, so that bundles by identity can be made without a network.
 */
export class SigstoreInstance {
  readonly #authority = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  readonly #log = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  readonly #name = sequence(
    set(sequence(oid('2.5.4.3'), text(`authority ${randomBytes(4).toString('hex')}`))),
  )

  /** What verifiers are given, as `trusted_root.json` has it. */
  trustedRoot(): string {
    const validFor = { start: '2020-01-01T00:00:00Z' }
    return JSON.stringify({
      mediaType: 'application/vnd.dev.sigstore.trustedroot+json;version=0.1',
      tlogs: [
        {
          baseUrl: 'https://log.example',
          hashAlgorithm: 'SHA2_256',
          logId: { keyId: this.#logId.toString('base64') },
          publicKey: {
            rawBytes: spki(this.#log.publicKey).toString('base64'),
            keyDetails: 'PKIX_ECDSA_P256_SHA_256',
            validFor,
          },
        },
      ],
      certificateAuthorities: [
        {
          subject: { organization: 'tests', commonName: 'authority' },
          uri: 'https://authority.example',
          validFor,
          certChain: { certificates: [{ rawBytes: this.#authorityCertificate().toString('base64') }] },
        },
      ],
      ctlogs: [],
      timestampAuthorities: [],
    })
  }

  /** A bundle as GitHub attests builds. */
  attest({ digest, identity = WORKFLOW, issuer = GITHUB, at = NOW, statement }: Attestation): string {
    const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
    const certificate = this.#certificate(publicKey, identity, issuer)
    const payload = Buffer.from(JSON.stringify(statement ?? provenanceOf(digest)))
    const signature = sign('sha256', preAuthenticationEncoding(STATEMENT_MEDIA_TYPE, payload), privateKey)
    return JSON.stringify({
      mediaType: 'application/vnd.dev.sigstore.bundle.v0.3+json',
      verificationMaterial: {
        certificate: { rawBytes: certificate.toString('base64') },
        tlogEntries: [this.#logEntry(payload, signature, certificate, at)],
      },
      dsseEnvelope: {
        payload: payload.toString('base64'),
        payloadType: STATEMENT_MEDIA_TYPE,
        signatures: [{ sig: signature.toString('base64') }],
      },
    })
  }

  get #logId(): Buffer {
    return createHash('sha256').update(spki(this.#log.publicKey)).digest()
  }

  #authorityCertificate(): Der {
    return this.#issue(
      this.#name,
      spki(this.#authority.publicKey),
      new Date('2020-01-01Z'),
      new Date('2040-01-01Z'),
      [
        extension('2.5.29.19', sequence(yes), true),
        extension('2.5.29.15', bits(Buffer.from([0x04]), 2), true),
      ],
    )
  }

  #certificate(publicKey: KeyObject, identity: string, issuer: string): Der {
    const [from, until] = [-5, 5].map((minutes) => new Date(NOW.getTime() + minutes * MINUTE))
    return this.#issue(sequence(), spki(publicKey), from!, until!, [
      extension('2.5.29.15', bits(Buffer.from([0x80]), 7), true),
      extension('2.5.29.17', sequence(der(0x86, Buffer.from(identity))), true),
      extension('1.3.6.1.4.1.57264.1.8', text(issuer)),
    ])
  }

  #issue(subject: Der, key: Der, from: Date, until: Date, extensions: Der[]): Der {
    const body = sequence(
      ...[context(0, integer(2)), integer(1), ECDSA_SHA256, this.#name, sequence(time(from), time(until))],
      ...[subject, key, context(3, sequence(...extensions))],
    )
    return sequence(body, ECDSA_SHA256, bits(sign('sha256', body, this.#authority.privateKey)))
  }

  /** The only entry of a log: its own hash is the root. */
  #logEntry(payload: Buffer, signature: Buffer, certificate: Der, at: Date): object {
    const body = Buffer.from(
      JSON.stringify({
        apiVersion: '0.0.1',
        kind: 'dsse',
        spec: {
          envelopeHash: { algorithm: 'sha256', value: '00'.repeat(32) },
          payloadHash: { algorithm: 'sha256', value: createHash('sha256').update(payload).digest('hex') },
          signatures: [
            { signature: signature.toString('base64'), verifier: pemOf(certificate).toString('base64') },
          ],
        },
      }),
    )
    const root = createHash('sha256')
      .update(Buffer.from([0]))
      .update(body)
      .digest()
    const [seconds, logId] = [Math.floor(at.getTime() / 1000), this.#logId]
    const promise = `{"body":"${body.toString('base64')}","integratedTime":${seconds},"logID":"${logId.toString('hex')}","logIndex":0}`
    const note = `log.example\n1\n${root.toString('base64')}\n`
    const signed = Buffer.concat([logId.subarray(0, 4), this.#signAsLog(note)])
    return {
      logIndex: '0',
      logId: { keyId: logId.toString('base64') },
      integratedTime: String(seconds),
      kindVersion: { kind: 'dsse', version: '0.0.1' },
      inclusionPromise: { signedEntryTimestamp: this.#signAsLog(promise).toString('base64') },
      inclusionProof: {
        logIndex: '0',
        rootHash: root.toString('base64'),
        treeSize: '1',
        hashes: [],
        checkpoint: { envelope: `${note}\n\u2014 log.example ${signed.toString('base64')}\n` },
      },
      canonicalizedBody: body.toString('base64'),
    }
  }

  #signAsLog(what: string): Buffer {
    return sign('sha256', Buffer.from(what), this.#log.privateKey)
  }
}

/** What GitHub says of what it built, as far as it matters here. */
export function provenanceOf(...digests: string[]): object {
  return {
    _type: STATEMENT_TYPE,
    subject: digests.map((sha256, index) => ({ name: `model-${index}.tar.gz`, digest: { sha256 } })),
    predicateType: 'https://slsa.dev/provenance/v1',
    predicate: { buildDefinition: { buildType: 'https://actions.github.io/buildtypes/workflow/v1' } },
  }
}

function extension(id: string, value: Der, isCritical = false): Der {
  return sequence(oid(id), ...(isCritical ? [yes] : []), octets(value))
}

function spki(key: KeyObject): Der {
  return key.export({ type: 'spki', format: 'der' })
}

function pemOf(certificate: Der): Buffer {
  const lines = certificate
    .toString('base64')
    .match(/.{1,64}/g)
    ?.join('\n')
  return Buffer.from(`-----BEGIN CERTIFICATE-----\n${lines}\n-----END CERTIFICATE-----\n`)
}
