import type { ProcessRecord } from './process-record.ts'

/** Whether a process is being sent something, loads it, or drains before it is. */
export function isUpdatingProcess({ offer, standing }: Pick<ProcessRecord, 'offer' | 'standing'>): boolean {
  return offer !== null || standing === 'draining'
}

/** A bot of which a process updates. */
export interface UpdatingBot {
  /** The names of the processes that update. */
  readonly processes: ReadonlySet<string>
  /** Another one after each change of its processes. */
  readonly revision: number
}

interface UpdatingModel {
  /** Another one after each change of its bots. */
  revision: number
  readonly bots: Map<string, { readonly processes: Set<string>; revision: number }>
}

/**
 * The names of the processes that update, by model and bot: few of many, so that counting them does not take a look
 * at the whole fleet for each poll; with revisions, so that what was counted need not be counted again.
 */
export class UpdatingProcesses {
  readonly #models = new Map<string, UpdatingModel>()
  #revision = 0

  /** Takes in how a process is now. */
  note(model: string, bot: string, record: ProcessRecord): void {
    if (isUpdatingProcess(record)) this.#add(model, bot, record.process)
    else this.remove(model, bot, record.process)
  }

  remove(model: string, bot: string, process: string): void {
    const known = this.#models.get(model)
    const found = known?.bots.get(bot)
    if (known === undefined || found === undefined) return
    found.processes.delete(process)
    found.revision = known.revision = ++this.#revision
    if (found.processes.size === 0) known.bots.delete(bot)
  }

  /** The bots of a model of which a process updates. */
  of(model: string): ReadonlyMap<string, UpdatingBot> {
    return this.#models.get(model)?.bots ?? new Map()
  }

  /** Says whether anything has changed since: it is another number then. */
  revisionOf(model: string): number {
    return this.#models.get(model)?.revision ?? 0
  }

  #add(model: string, bot: string, process: string): void {
    const revision = ++this.#revision
    let known = this.#models.get(model)
    if (known === undefined) this.#models.set(model, (known = { revision, bots: new Map() }))
    known.revision = revision
    const found = known.bots.get(bot)
    if (found === undefined) known.bots.set(bot, { processes: new Set([process]), revision })
    else {
      found.processes.add(process)
      found.revision = revision
    }
  }
}
