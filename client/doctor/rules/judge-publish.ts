import type { Verdict } from '../finding.ts'

/** How an upload was answered that no server takes: sound gzip, and no model. */
export interface UploadOutcome {
  /** Undefined where no answer came. */
  status: number | undefined
  /** The code of a problem of Slipway; undefined where the answer is none. */
  problem: string | undefined
  /** What went wrong where there was no answer. */
  failure: string | undefined
}

/** Two uploads, one after the other. */
export interface PublishObservation {
  small: UploadOutcome
  /** Undefined where the small one did not get through. */
  large: UploadOutcome | undefined
  /** Bytes of the large one. */
  bytes: number
}

/** What Slipway says of an archive that was read, and holds no model. */
const READ = new Set(['archive-not-a-model', 'archive-incomplete'])

/** Whether uploads get through to the server, and large ones too. */
export function judgePublish({ small, large, bytes }: PublishObservation): Verdict {
  if (small.status === 401 || small.status === 403)
    return { code: 'publish-refused', detail: `${describe(small)}.` }
  if (!wasRead(small) || large === undefined)
    return { code: 'publish-failed', detail: `An upload of some bytes failed: ${describe(small)}.` }
  const size = `${Math.round(bytes / 1_000_000)} MB`
  if (wasRead(large))
    return { ok: `an upload of ${size} reaches the server, which refused it as it should: it holds no model` }
  return {
    code: 'body-limit',
    detail: `A small upload reaches the server; one of ${size} does not: ${describe(large)}.`,
  }
}

function wasRead({ problem }: UploadOutcome): boolean {
  return problem !== undefined && READ.has(problem)
}

function describe({ status, problem, failure }: UploadOutcome): string {
  if (status === undefined) return failure ?? 'there was no answer'
  return `the answer is ${status}${problem === undefined ? '' : ` (${problem})`}`
}
