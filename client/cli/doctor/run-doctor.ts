import { diagnoseServer } from '../../doctor/diagnose-server.ts'
import { diagnoseStore } from '../../doctor/diagnose-store.ts'
import { pythonTrust } from '../../doctor/exchange/python-trust.ts'
import type { Finding } from '../../doctor/finding.ts'
import { presentFinding, wouldWork } from '../../doctor/present-finding.ts'
import { shownText } from '../../../protocol/shown-text.ts'
import { EXIT } from '../exit-code.ts'
import { print, printJson } from '../print.ts'
import { credentialsFor, serverAddress } from '../server-address.ts'
import { untilSignal } from '../until-signal.ts'
import { usageError } from '../usage-error.ts'
import type { DoctorCommandOptions } from './doctor-command-options.ts'
import { chooseStore } from './choose-store.ts'
import { targetOfAddress, targetOfEndpoints } from './choose-target.ts'
import type { ChosenTarget } from './choose-target.ts'
import { describeFinding, describeOutcome } from './describe-finding.ts'

/** MB of an upload where `--publish` stands without a number. */
const UPLOAD = 16

/** What was looked at, and found. */
interface Outcome {
  target: string
  findings: Finding[]
  /** What stands between, as it says itself. */
  way?: string[]
}

/**
 * Runs `slipway doctor`: prints what it finds as it finds it.
 *
 * @returns the exit code
 * @throws PullFailure `configuration`
 */
export async function runDoctor(
  address: string | undefined,
  options: DoctorCommandOptions,
  environment: NodeJS.ProcessEnv,
): Promise<number> {
  const isFile = address !== undefined && /\.ya?ml$/i.test(address) && !URL.canParse(address)
  const endpoints = isFile ? address : options.endpoints
  const url = isFile ? undefined : address
  requireOne([url, endpoints, options.store, isFile ? options.endpoints : undefined])
  if (options.model !== undefined && options.store === undefined)
    throw usageError('--model belongs to --store; a URL names its model itself')
  const tell = (finding: Finding): void => {
    if (options.json !== true) for (const line of describeFinding(finding)) print(line)
  }
  return untilSignal(async (signal) => {
    const outcome =
      options.store === undefined
        ? await ofServer(await chooseTarget(url, endpoints, environment), options, environment, tell, signal)
        : await ofStore(options.store, options, environment, tell, signal)
    signal.throwIfAborted()
    const works = wouldWork(outcome.findings)
    if (options.json === true) printJson({ works, ...outcome })
    else print(describeOutcome(outcome.findings))
    // An upload is tried only where somebody asks for it: then it counts.
    return outcome.findings.some(({ level }) => level === 'error') ? EXIT.failed : EXIT.done
  })
}

function requireOne(named: (string | undefined)[]): void {
  const count = named.filter((each) => each !== undefined).length
  if (count === 1) return
  const what = count === 0 ? 'nothing to diagnose' : 'more than one thing to diagnose'
  throw usageError(`${what}: name a URL, an endpoints.yml, or --store CLOUD`)
}

async function chooseTarget(
  url: string | undefined,
  endpoints: string | undefined,
  environment: NodeJS.ProcessEnv,
): Promise<ChosenTarget> {
  return endpoints === undefined
    ? targetOfAddress(url ?? '', environment)
    : targetOfEndpoints(endpoints, environment)
}

async function ofServer(
  { target, verdicts }: ChosenTarget,
  { slow, publish, rasaVersion, json }: DoctorCommandOptions,
  environment: NodeJS.ProcessEnv,
  tell: (finding: Finding) => void,
  signal: AbortSignal,
): Promise<Outcome> {
  const shown = target.url.origin + target.url.pathname
  if (json !== true) print(`${shownText(shown)}, asked as Rasa asks it`)
  const first = verdicts.map((verdict) => presentFinding(verdict, []))
  for (const finding of first) tell(finding)
  const upload =
    publish === undefined
      ? undefined
      : {
          bytes: (publish === true ? UPLOAD : publish) * 1_000_000,
          headers: credentialsFor(target.url, serverAddress(environment)),
        }
  const trust = pythonTrust(environment)
  const diagnosis = await diagnoseServer(
    { ...target, trust, slow: slow * 1000, upload, rasaVersion, signal },
    tell,
  )
  if (json !== true && diagnosis.way.length > 0)
    print(`On the way: ${diagnosis.way.map((hop) => shownText(hop)).join(', ')}`)
  return { target: shown, ...diagnosis, findings: [...first, ...diagnosis.findings] }
}

async function ofStore(
  cloud: 'aws' | 'gcs' | 'azure',
  { model, rasaVersion }: DoctorCommandOptions,
  environment: NodeJS.ProcessEnv,
  tell: (finding: Finding) => void,
  signal: AbortSignal,
): Promise<Outcome> {
  const target = await chooseStore(cloud, model, environment)
  try {
    return {
      target: target.store.description,
      findings: await diagnoseStore({ ...target, rasaVersion, signal }, tell),
    }
  } finally {
    await target.store.close()
  }
}
