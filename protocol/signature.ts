import { z } from 'zod'

/** No bundle is longer, in bytes: GitHub's have some 12 KiB, those of a key 2 KiB. */
export const LONGEST_BUNDLE_BYTES = 64 * 1024

/** The media type of a Sigstore bundle. */
export const BUNDLE_MEDIA_TYPE = 'application/vnd.dev.sigstore.bundle.v0.3+json'

/** What a bundle says of an archive: that somebody signed it, or where it was built. */
export const SIGNATURE_FORMATS = ['model-signing', 'slsa-provenance'] as const

/** @see SIGNATURE_FORMATS */
export type SignatureFormat = (typeof SIGNATURE_FORMATS)[number]

const issuer = z.string().max(500).meta({
  description: 'The OpenID Connect issuer that vouched for the identity.',
  example: 'https://token.actions.githubusercontent.com',
})

const trustedKeySchema = z.strictObject({
  key: z.string().max(4_000).meta({
    description: 'A public key in PEM: EC of P-256, P-384 or P-521.',
    example: '-----BEGIN PUBLIC KEY-----\nMFkwEwYH…\n-----END PUBLIC KEY-----\n',
  }),
})

const trustedIdentitySchema = z.strictObject({
  identity: z.string().min(1).max(500).meta({
    description: 'A regular expression that the whole identity in the certificate must match.',
    example: 'https://github\\.com/acme/shop/\\.github/workflows/train\\.yml@refs/heads/main',
  }),
  issuer,
})

/** Somebody whose signature counts. */
export const trustedSignerSchema = z.union([trustedKeySchema, trustedIdentitySchema])

/** When a signature is needed: always, or where an archive has files that can run code when a bot loads them. */
const NEEDED = ['always', 'executable'] as const

/** Whose signature an archive needs. */
export const signaturePolicySchema = z
  .strictObject({
    require: z.array(trustedSignerSchema).max(20).meta({
      description: 'A publish needs a signature of one of these; none: it needs no signature.',
    }),
    when: z.enum(NEEDED).optional().meta({
      description:
        '`executable`: only an archive that can run code when a bot loads it (`archive.executables`) needs one; else each does.',
      example: 'executable',
    }),
  })
  .meta({ id: 'SignaturePolicy', description: 'Whose signature an archive needs to be published.' })

/** What is known of the signature of a release. */
export const releaseSignatureSchema = z
  .object({
    format: z.enum(SIGNATURE_FORMATS).meta({
      description: 'What the bundle says of the archive: somebody signed it, or built it.',
      example: 'model-signing',
    }),
    verified: z.boolean().meta({
      description:
        'Whether it was made by somebody whom the model required when it was published. false: the bundle is about ' +
        'these bytes, and nobody here has checked who made it.',
      example: true,
    }),
    key: z.string().nullable().meta({
      description: 'Of a verified signature by key: the SHA-256 of the public key in PEM.',
      example: '41dd4dd4f4a3e8bb44dd25e3f8ba98e7af5a49c4d23a0cf1dd9a8d9c4c0a3c11',
    }),
    identity: z.string().nullable().meta({
      description: 'Of a verified signature by identity: the identity.',
      example: null,
    }),
    issuer: issuer.nullable().meta({
      description: 'Of a verified signature by identity: who vouched for it.',
      example: null,
    }),
  })
  .meta({ id: 'ReleaseSignature', description: 'What is known of the signature of a release.' })

/** @see trustedSignerSchema */
export type TrustedSigner = z.infer<typeof trustedSignerSchema>
/** @see signaturePolicySchema */
export type SignaturePolicy = z.infer<typeof signaturePolicySchema>
/** @see releaseSignatureSchema */
export type ReleaseSignature = z.infer<typeof releaseSignatureSchema>
