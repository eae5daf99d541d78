import { createHash } from 'node:crypto'
import { z } from 'zod'
import type { SignatureFormat } from '../protocol/signature.ts'
import { SignatureRefused } from './signature-refused.ts'

/** What a statement is called in a DSSE envelope (in-toto attestation framework, spec/v1/envelope.md). */
export const STATEMENT_MEDIA_TYPE = 'application/vnd.in-toto+json'
export const STATEMENT_TYPE = 'https://in-toto.io/Statement/v1'
/** OpenSSF model-signing 1.0 and later. */
export const MODEL_SIGNATURE = 'https://model_signing/signature/v1.0'
/** What GitHub attests that a workflow built (slsa.dev/spec/v1.1/provenance). */
const PROVENANCE = 'https://slsa.dev/provenance/v1'

const hex = z.string().regex(/^[0-9a-f]{64}$/)

const subjectSchema = z.object({ name: z.string().optional(), digest: z.record(z.string(), z.string()) })

const statementSchema = z.object({
  _type: z.literal(STATEMENT_TYPE),
  subject: z.array(subjectSchema).min(1),
  predicateType: z.string(),
  predicate: z.unknown(),
})

const modelSignatureSchema = z.object({
  serialization: z.object({ method: z.literal('files'), hash_type: z.literal('sha256') }),
  resources: z.array(z.object({ name: z.string(), algorithm: z.literal('sha256'), digest: hex })).min(1),
})

/** What a signed statement says. */
export interface ArchiveStatement {
  readonly format: SignatureFormat
  /** The SHA-256 of each file that it is about. */
  readonly digests: readonly string[]
}

/**
 * Reads which files a statement is about.
 *
 * @throws SignatureRefused `malformed` where it is no statement that is understood here, or contradicts itself.
 */
export function readStatement(value: unknown): ArchiveStatement {
  const statement = statementSchema.safeParse(value).data
  if (statement === undefined) throw malformed('holds no in-toto statement (https://in-toto.io/Statement/v1)')
  switch (statement.predicateType) {
    case MODEL_SIGNATURE:
      return { format: 'model-signing', digests: [signedFile(statement)] }
    case PROVENANCE:
      return { format: 'slsa-provenance', digests: statement.subject.flatMap(digestOf) }
    default:
      // Other attestations say other things of a file: that it was scanned, say, or that a test of it failed.
      throw malformed(
        'is neither a model signature (OpenSSF model-signing 1.0) nor SLSA provenance v1, but of the type ' +
          JSON.stringify(statement.predicateType.slice(0, 200)),
      )
  }
}

/** The one file of a model signature. Its subject is the hash of the digests of all files, one after the other. */
function signedFile({ subject, predicate }: z.infer<typeof statementSchema>): string {
  const resources = modelSignatureSchema.safeParse(predicate).data?.resources
  const [resource, ...otherResources] = resources ?? []
  const [root, ...otherSubjects] = subject
  if (resource === undefined || root === undefined || otherSubjects.length > 0) {
    throw malformed('does not list files with their SHA-256, as model-signing does')
  }
  if (otherResources.length > 0) {
    throw malformed(`is about a folder of ${otherResources.length + 1} files; sign the archive by itself`)
  }
  const expected = createHash('sha256').update(resource.digest, 'hex').digest('hex')
  if (root.digest['sha256'] !== expected)
    throw malformed('contradicts itself: its subject is not made of its resources')
  return resource.digest
}

function digestOf({ digest }: z.infer<typeof subjectSchema>): string[] {
  const { data } = hex.safeParse(digest['sha256'])
  return data === undefined ? [] : [data]
}

function malformed(what: string): SignatureRefused {
  return new SignatureRefused('malformed', what)
}
