import { addressGroup } from './address-group.ts'
import type { Source } from './process-record.ts'

type Whereabouts = Pick<Source, 'address' | 'token'>

/**
 * Whether polls come from the same machine, as far as can be told: from the same address, with the same token. A name says
 * nothing of it: everybody may invent one, or send that of another.
 */
export function isSameMachine(one: Whereabouts, other: Whereabouts): boolean {
  if (one.token !== other.token) return false
  return one.address === other.address || addressGroup(one.address) === addressGroup(other.address)
}

/** Whether all of these come from one machine. */
export function areOneMachine(processes: readonly { readonly source: Whereabouts }[]): boolean {
  const [first] = processes
  return processes.every(({ source }) => first === undefined || isSameMachine(source, first.source))
}
