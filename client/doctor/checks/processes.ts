import { EDITION_FIELD } from '../../../protocol/echo.ts'
import { newProcessName } from '../../../protocol/process-name.ts'
import type { DoctorContext } from '../doctor-context.ts'
import { readBody } from '../exchange/read-body.ts'
import type { Verdict } from '../finding.ts'
import { judgeProcesses } from '../rules/judge-processes.ts'
import type { Poll } from '../rules/judge-processes.ts'

/** Plays two bots with a test archive of the server: at their start, up to date, and with an older model. */
export async function checkProcesses(context: DoctorContext): Promise<Verdict[]> {
  const url = context.api('echo/archive', { size: 'small' })
  if (context.echo === undefined || url === undefined) return []
  const processes = [newProcessName(), newProcessName()] as const
  const poll = (condition: string, edition = 0): Promise<Poll> => pollOnce(context, url, condition, edition)
  const fresh = [await poll(processes[0]), await poll(processes[1])] as const
  const inSync = await poll(fresh[0].tag ?? processes[0])
  const outdated = await poll(`"${'0'.repeat(64)}.${processes[0]}"`)
  // A proxy that keeps the field back keeps the update from being played, and nothing else.
  const isPlayed = context.echo.otherFields.includes(EDITION_FIELD)
  const updated = isPlayed ? await poll(fresh[0].tag ?? processes[0], 1) : undefined
  return [judgeProcesses({ processes, fresh, inSync, outdated, updated })]
}

async function pollOnce(context: DoctorContext, url: URL, condition: string, edition: number): Promise<Poll> {
  const reply = await context.ask({
    url,
    condition,
    extra: edition === 0 ? {} : { [EDITION_FIELD]: String(edition) },
  })
  // To its end, so that a cache on the way keeps it if it ever would.
  await readBody(reply.message)
  reply.close()
  return { status: reply.status, tag: reply.headers['etag'] }
}
