import { checkAnswer } from './checks/answer.ts'
import { checkArchive } from './checks/archive.ts'
import { checkEcho } from './checks/echo.ts'
import { checkLarge } from './checks/large.ts'
import { checkParts } from './checks/parts.ts'
import { checkProcesses } from './checks/processes.ts'
import { checkPublish } from './checks/publish.ts'
import { checkReach } from './checks/reach.ts'
import { checkTags } from './checks/tags.ts'
import { DoctorContext } from './doctor-context.ts'
import type { DoctorOptions } from './doctor-context.ts'
import { NoAnswer } from './exchange/bot-request.ts'
import type { Finding, Verdict } from './finding.ts'
import { presentFinding } from './present-finding.ts'
import { describeWay, proxiesSeen } from './proxies.ts'
import { judgeFailure } from './rules/judge-connection.ts'

/** What a diagnosis found. */
export interface Diagnosis {
  findings: Finding[]
  /** What stands between, as it says itself. */
  way: string[]
}

/**
 * Plays Rasa's exchange with a model server through whatever stands between, in the order in which a bot meets it.
 * It changes nothing on the server, and no Slipway takes it for a bot.
 *
 * @param onFinding Called with each finding as soon as it is made.
 */
export async function diagnoseServer(
  options: DoctorOptions,
  onFinding: (finding: Finding) => void = () => undefined,
): Promise<Diagnosis> {
  const context = new DoctorContext(options)
  const findings: Finding[] = []
  const seen = () => proxiesSeen(context.reply, context.echo?.fields)
  /** @returns whether the checks after it make sense. */
  const tell = (verdicts: readonly Verdict[]): boolean => {
    // What was said once need not be said again of another address.
    const known = new Set(findings.map(({ code }) => code))
    const added = verdicts
      .filter((verdict) => !('code' in verdict && known.has(verdict.code)))
      .map((verdict) => presentFinding(verdict, seen()))
    findings.push(...added)
    for (const finding of added) onFinding(finding)
    return added.every(({ level }) => level !== 'error')
  }
  const { verdicts, reply } = await checkReach(context)
  if (reply !== undefined) context.reply = reply.headers
  if (tell(verdicts) && reply !== undefined && tell(await failing(checkAnswer(context, reply)))) {
    for (const check of CHECKS) tell(await failing(check(context)))
  }
  return { findings, way: describeWay(context.reply, context.echo?.fields) }
}

/** What is looked at once an archive can be asked for; each says something, whatever the others found. */
const CHECKS = [checkEcho, checkTags, checkArchive, checkProcesses, checkLarge, checkParts, checkPublish]

/** A request without an answer is a finding as well. */
async function failing(check: Promise<Verdict[]>): Promise<Verdict[]> {
  try {
    return await check
  } catch (error) {
    if (error instanceof NoAnswer) return [judgeFailure(error.failure)]
    throw error
  }
}
