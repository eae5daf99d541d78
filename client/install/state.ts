import { z } from 'zod'
import { isProcessName } from '../../protocol/process-name.ts'

/** Who signed an archive; it was checked before it was put in place. */
const signerSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('key'), fingerprint: z.string() }),
  z.object({ kind: z.literal('identity'), identity: z.string(), issuer: z.string() }),
])

/** An archive that the puller put into the folder. */
const entrySchema = z.object({
  filename: z.string().regex(/^[^/\0]+\.tar\.gz$/),
  digest: z.string().regex(/^[0-9a-f]{64}$/),
  size: z.number(),
  /** As it came; sent back byte for byte. */
  etag: z.string().optional(),
  release: z.number().optional(),
  /** The key of the source that it came from: an entity tag means something there only. */
  source: z.string(),
  /** The file's modification time as we left it: where it differs, the bytes are hashed before they are trusted. */
  mtimeMs: z.number(),
  /** It was in the folder before us: used, but never deleted. */
  foreign: z.boolean().optional(),
  /** The `--on-change` command asked to be run again later: a bot may have started with this archive meanwhile. */
  postponed: z.boolean().optional(),
  /** Absent where nobody asked for a signature. */
  signer: signerSchema.optional(),
})

const refusalSchema = z.object({
  digest: z.string(),
  etag: z.string().optional(),
  reason: z.string(),
  /** ISO 8601, UTC. */
  at: z.iso.datetime(),
  /** The archive itself is not sound; otherwise the `--on-change` command refused it. */
  unsound: z.boolean().optional(),
})

/** What is remembered of a folder, in DIR/.slipway/state.json. No secret is in it. */
export const stateSchema = z.object({
  format: z.literal(1),
  /** Who we are to the server until something was installed. */
  process: z.string().refine(isProcessName),
  /** In use. */
  installed: entrySchema.optional(),
  /** Being put into place, or in place while the `--on-change` command has not succeeded. Not acknowledged. */
  pending: entrySchema.optional(),
  /** Installed before, newest first. */
  older: z.array(entrySchema),
  /** Refused by the command, or unsound under its announced digest: not fetched again for an hour. */
  refused: z.array(refusalSchema),
})

/** @see entrySchema */
export type Entry = z.infer<typeof entrySchema>
/** @see refusalSchema */
export type Refusal = z.infer<typeof refusalSchema>
/** @see stateSchema */
export type State = z.infer<typeof stateSchema>
