import type { Command } from 'commander'
import type { RolloutPolicy } from '../../protocol/rollout-policy.ts'
import { jsonLine } from '../../protocol/shown-text.ts'
import { changePolicy, setPolicy } from '../api/rollouts.ts'
import { readTag } from '../api/tags.ts'
import { PullFailure } from '../failure.ts'
import { exitCodesHelp } from './exit-code.ts'
import { addPolicyOptions, policyFields, type PolicyOptions } from './policy-options.ts'
import { print } from './print.ts'
import { printWarnings } from './print-warnings.ts'
import { probeWarnings } from '../../protocol/probe-warnings.ts'
import { tagAddress } from './references.ts'
import { table } from './table.ts'
import { usageError } from './usage-error.ts'
import { withServer } from './with-server.ts'

const EXAMPLES = `
Without options it shows the policy. Settings that are not named keep their
value. docs/rollouts.md explains each option.

Examples:
  slipway policy shop@production --steps 1,25%,100% --soak 600
  slipway policy shop@production --max-updating 1 --drain 30
  slipway policy shop@production --reset
`

const EXIT_CODES_HELP = exitCodesHelp({ notFound: 'there is no such model or tag' })

/** `slipway policy MODEL@TAG`. */
export function addPolicy(program: Command): void {
  const command = program
    .command('policy')
    .description('show or change how the releases of a tag reach the bots')
    .argument('<MODEL@TAG>', 'the tag')
  addPolicyOptions(command)
    .option('--reset', 'back to the defaults: promotions reach every bot at once')
    .option('--json', 'print the policy as JSON')
    .addHelpText('after', EXAMPLES + EXIT_CODES_HELP)
    .action((where: string, { reset, json, ...options }: PolicyOptions & { reset?: true; json?: true }) =>
      withServer(async (client) => {
        const address = tagAddress(where)
        const fields = policyFields(options)
        const isChange = Object.keys(fields).length > 0
        if (reset === true && isChange)
          throw usageError('--reset cannot be combined with other options: it resets the whole policy')
        const tag = isChange
          ? await changePolicy(client, address, fields)
          : reset === true
            ? await setPolicy(client, address, null)
            : await readTag(client, address)
        if (tag.policy === undefined) {
          throw new PullFailure('source', 'the server knows no policies: it is older than this command')
        }
        print(json === true ? jsonLine(tag.policy) : describePolicy(where, tag.policy))
        printWarnings(probeWarnings(tag.policy))
      }),
    )
}

function describePolicy(where: string, policy: RolloutPolicy): string {
  const { steps, soak, deadline, tolerate, onFail, onInconclusive } = policy
  const { maxUpdating, drain, attempts, retry, probes } = policy
  const isImmediate = steps.length === 1 && soak === 0 && probes.length === 0
  const pace =
    maxUpdating === null ? 'every bot at its next poll' : `the bots without steps, ${maxUpdating} at a time`
  return [
    `${where}: a promotion ${isImmediate ? `reaches ${pace}` : 'is brought out step by step'}`,
    '',
    table([
      ['steps', steps.join(',')],
      ['soak', `${soak} s`],
      ['deadline', `${deadline} s`],
      ['tolerate', tolerate.toString()],
      ['on-fail', onFail],
      ['on-inconclusive', onInconclusive],
      ['max-updating', maxUpdating?.toString() ?? 'none'],
      ['drain', `${drain} s`],
      ['attempts', attempts.toString()],
      ['retry', `${retry} s`],
      ...(probes.length === 0 ? [['probe', 'none']] : probes.map((each) => ['probe', JSON.stringify(each)])),
    ]),
  ].join('\n')
}
