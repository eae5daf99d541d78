import type { TransferState } from '../../../protocol/echo.ts'
import { newProcessName } from '../../../protocol/process-name.ts'
import { pause } from '../../timing/pause.ts'
import type { DoctorContext } from '../doctor-context.ts'
import { readSlowly } from '../exchange/read-slowly.ts'
import type { Verdict } from '../finding.ts'
import { judgeLarge } from '../rules/judge-large.ts'
import { readProblem } from './answer.ts'
import { askForEcho } from './echo.ts'

/** Milliseconds within which the server hears of a reader that has gone. */
const UNTIL_NOTICED = 5_000

/** Reads a large test archive slowly, leaves in the middle, and has the server say what it saw. */
export async function checkLarge(context: DoctorContext): Promise<Verdict[]> {
  const { signal, slow } = context.options
  const transfer = newProcessName()
  const url = context.api('echo/archive', { size: 'large', transfer })
  if (context.echo === undefined || url === undefined || slow === 0) return []
  const reply = await context.ask({ url, condition: newProcessName() })
  const { status } = reply
  if (status !== 200) {
    const problem = (await readProblem(reply))?.code
    reply.close()
    return judgeLarge({
      status,
      problem,
      milliseconds: 0,
      broken: false,
      whileReading: null,
      afterwards: null,
    })
  }
  const seen: { whileReading: TransferState | null } = { whileReading: null }
  const look = async (): Promise<TransferState | null> =>
    (await askForEcho(context, { transfer }))?.transfer ?? null
  const read = await readSlowly(
    reply.message,
    slow,
    async () => {
      seen.whileReading = await look()
    },
    signal,
  )
  reply.close()
  let afterwards = await look()
  const deadline = performance.now() + UNTIL_NOTICED
  while (afterwards === 'sending' && performance.now() < deadline && !signal.aborted) {
    await pause(200, signal)
    afterwards = await look()
  }
  return judgeLarge({ status, problem: undefined, ...read, ...seen, afterwards })
}
