import type { z } from 'zod'
import { abortSchema, rolloutSchema, steeringSchema, stepSteeringSchema } from '../../../protocol/rollout.ts'
import type { FleetView } from '../../rollouts/fleet-view.ts'
import type { RolloutControl } from '../../rollouts/rollout-control.ts'
import type { RolloutCommand } from '../../rollouts/steer-rollout.ts'
import { ANSWERED, endpoint, type Endpoint } from './endpoint.ts'

interface SteeringDependencies {
  view: FleetView
  rolloutControl: RolloutControl
}

interface Command {
  command: RolloutCommand
  summary: string
  description: string
  body: z.ZodType<{ reason?: string | undefined; now?: boolean | undefined; step?: number | undefined }>
}

const COMMANDS: readonly Command[] = [
  {
    command: 'pause',
    summary: 'Pause a rollout',
    description: 'No further bot gets the release; those that have it keep it. Judging goes on.',
    body: steeringSchema,
  },
  {
    command: 'resume',
    summary: 'Go on with a paused rollout',
    description: "The clock of the step's deadline begins anew.",
    body: steeringSchema,
  },
  {
    command: 'advance',
    summary: 'Pass the step of a rollout that is under way',
    description:
      'Whatever was seen. Its bots that were left alone or are lost neither fail later steps nor hold them up. After the last step the rollout is done.',
    body: stepSteeringSchema,
  },
  {
    command: 'abort',
    summary: 'Take a rollout back',
    description:
      'Every bot that took the release is offered the one before. With `now`, without `maxUpdating` and `drain`.',
    body: abortSchema,
  },
  {
    command: 'retry',
    summary: 'Try the step of a rollout again',
    description:
      "Forgets what went wrong with the release, and begins the clock of the step's deadline anew.",
    body: stepSteeringSchema,
  },
]

/** `POST /api/v1/models/{model}/rollouts/{id}/pause`, and so on. */
export function steeringEndpoints({ view, rolloutControl }: SteeringDependencies): Endpoint[] {
  return COMMANDS.map(({ command, summary, description, body }) =>
    endpoint({
      method: 'POST',
      path: `/api/v1/models/{model}/rollouts/{id}/${command}`,
      id: `${command}Rollout`,
      permission: 'promote',
      target: 'handler',
      summary,
      description,
      body,
      bodyOptional: true,
      replies: { 200: { description: 'The rollout as it is now.', schema: rolloutSchema } },
      problems: ['invalid-name', 'rollout-not-found', 'rollout-state'],
      handle: async ({
        params: { model, id },
        body: { reason = null, now = false, step },
        principal,
        isAllowed,
      }) => {
        const { tag } = await view.readRollout(model, id)
        if (!isAllowed('promote', { model, tag })) return ANSWERED
        const order = { model, id, command, by: principal.name, reason, hasty: now, step }
        const rollout = await rolloutControl.steer(order)
        const facts = { outcome: rollout.state, model, tag: rollout.tag, release: rollout.to.release }
        return { status: 200, body: await view.describeRollout(rollout), facts }
      },
    }),
  )
}
