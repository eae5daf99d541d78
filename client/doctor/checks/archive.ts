import { parseDigestField } from '../../../protocol/digest-field.ts'
import { digestInTag } from '../../http/received-tag.ts'
import type { DoctorContext } from '../doctor-context.ts'
import { newProcessName } from '../../../protocol/process-name.ts'
import { readBody } from '../exchange/read-body.ts'
import { StreamInspection } from '../exchange/stream-inspection.ts'
import type { Verdict } from '../finding.ts'
import { judgeArchive } from '../rules/judge-archive.ts'
import { judgeRelease } from '../rules/judge-release.ts'
import { NOBODYS_TAG } from './answer.ts'
import { readQuarantineReason } from './quarantine-reason.ts'

/** Downloads the archive as a bot does that has another one, and looks at what a bot would have to load. */
export async function checkArchive(context: DoctorContext): Promise<Verdict[]> {
  const condition = context.isSlipway ? NOBODYS_TAG : newProcessName()
  const reply = await context.ask({ condition })
  const { headers, milliseconds, status } = reply
  if (status !== 200) {
    reply.close()
    return [{ code: 'unexpected-status', detail: `GET is answered ${status}, HEAD 200.` }]
  }
  const inspection = new StreamInspection()
  try {
    const body = await readBody(reply.message, (chunk) => inspection.write(chunk))
    const arrival = judgeArchive({
      headers,
      bytes: body.bytes,
      digest: body.digest,
      announced: announcedDigest(headers),
      isGzip: body.start[0] === 0x1f && body.start[1] === 0x8b,
      broken: body.broken,
      milliseconds: milliseconds + body.milliseconds,
    })
    // What did not come whole says nothing of the release.
    if (arrival.some((verdict) => 'code' in verdict && UNJUDGEABLE.has(verdict.code))) return arrival
    const release = judgeRelease({
      inspected: await inspection.end(),
      size: body.bytes,
      rasaVersion: context.options.rasaVersion,
      takenBack: await readQuarantineReason(context, headers['slipway-release']),
    })
    return [...arrival, ...release]
  } finally {
    inspection.close()
    reply.close()
  }
}

const UNJUDGEABLE = new Set<string>([
  'archive-cut',
  'web-page',
  'encoding-wrong',
  'not-an-archive',
  'archive-altered',
])

function announcedDigest(headers: Readonly<Record<string, string>>): string | undefined {
  const field = headers['repr-digest'] === undefined ? undefined : parseDigestField(headers['repr-digest'])
  return field?.kind === 'sha-256' ? field.digest : digestInTag(headers['etag'])
}
