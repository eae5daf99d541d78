import type { Verdict } from '../finding.ts'

/** How a request for the first hundred bytes was answered. */
export interface PartsObservation {
  status: number
  contentRange: string | undefined
}

/** Whether broken downloads can go on where they broke. */
export function judgeParts({ status, contentRange }: PartsObservation): Verdict {
  if (status === 206 && /^bytes 0-99\/(?:\d+|\*)$/i.test(contentRange ?? ''))
    return { ok: 'parts of archives can be asked for' }
  return { code: 'parts-refused', detail: `A request for 100 bytes was answered ${status} instead of 206.` }
}
