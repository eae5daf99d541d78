import type { DoctorTarget } from '../../doctor/doctor-context.ts'
import type { Verdict } from '../../doctor/finding.ts'
import { serverTarget } from '../../doctor/server-target.ts'
import { readEndpointsFile } from '../read-endpoints-file.ts'
import { credentialsFor, serverAddress } from '../server-address.ts'
import { usageError } from '../usage-error.ts'

/** A model's address as a bot would ask it, and what there is to say of the file that named it. */
export interface ChosenTarget {
  target: DoctorTarget
  verdicts: Verdict[]
}

/** The address on the command line. @throws PullFailure `configuration` */
export function targetOfAddress(address: string, environment: NodeJS.ProcessEnv): ChosenTarget {
  if (!URL.canParse(address) || !/^https?:$/.test(new URL(address).protocol))
    throw usageError(`"${address}" is no http:// or https:// address, and no .yml file`)
  const url = new URL(address)
  return { target: targetOf(url, credentialsFor(url, serverAddress(environment))), verdicts: [] }
}

/** The address in an endpoints.yml. @throws PullFailure with every error in it */
export async function targetOfEndpoints(file: string, environment: NodeJS.ProcessEnv): Promise<ChosenTarget> {
  const { server, warnings } = await readEndpointsFile(file, environment)
  const verdicts: Verdict[] = warnings.map((detail) => ({ code: 'endpoints-warning', detail }))
  if (server.interval === null)
    verdicts.push({ code: 'pulls-once', detail: 'wait_time_between_pulls is null.' })
  return { target: targetOf(server.url, server.headers), verdicts }
}

function targetOf(url: URL, headers: Readonly<Record<string, string>>): DoctorTarget {
  const target = serverTarget(url, headers)
  if (target === undefined)
    throw usageError(
      'the user name or password in the address is not percent-encoded correctly: write % as %25',
    )
  return target
}
