import { AsyncLocalStorage } from 'node:async_hooks'
import type { Principal } from '../principal.ts'

/** Who makes a change over HTTP, and by which request. */
export interface Actor {
  readonly principal: Principal
  readonly address: string
  /** The request's id, as the log has it. */
  readonly request: string
}

/** Everything that a change does, across all its steps, without each of them being told who makes it. */
const current = new AsyncLocalStorage<{ actor: Actor; hasEnded: boolean }>()

/** Has the audit know who makes all changes that `work` makes until it resolves. */
export async function runAs<Result>(actor: Actor, work: () => Promise<Result>): Promise<Result> {
  const act = { actor, hasEnded: false }
  try {
    return await current.run(act, work)
  } finally {
    // What it began and did not wait for is the server's own doing.
    act.hasEnded = true
  }
}

/** Who makes the change that is under way; undefined: the server by itself. */
export function currentActor(): Actor | undefined {
  const act = current.getStore()
  return act === undefined || act.hasEnded ? undefined : act.actor
}

/** Makes a listener that acts for the server, whoever caused what it is told. */
export function asServer<Arguments extends unknown[]>(
  listener: (...told: Arguments) => void,
): (...told: Arguments) => void {
  return (...told) => {
    current.exit(listener, ...told)
  }
}
