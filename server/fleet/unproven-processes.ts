import { addressGroup } from './address-group.ts'
import { HeardOrder } from './heard-order.ts'
import type { Source } from './process-record.ts'

/** The processes of one sender that were never seen to load anything, the longest silent first. */
interface Sender {
  readonly name: string
  /** Those that have loaded nothing. */
  readonly fresh: HeardOrder<string>
  /** Those that say they run something. */
  readonly claiming: HeardOrder<string>
}

/** What decides where a process stands. */
type Unproven = Readonly<{ digest: string | null; source: Source }>

/**
 * The processes that were never seen to load anything, by sender: an address with a token. Whoever invents names has many of them,
 * and only what he has himself is to make room for more.
 */
export class UnprovenProcesses {
  readonly #senders = new Map<string, Sender>()
  readonly #senderOf = new Map<string, Sender>()
  /** Senders by how many processes they have, of as many the longest silent first; none of the sets is empty. */
  readonly #bySize = new Map<number, HeardOrder<Sender>>()
  #largest = 0

  get size(): number {
    return this.#senderOf.size
  }

  /** Adds a process that is not there. */
  add(key: string, process: Unproven): void {
    const name = senderName(process.source)
    let sender = this.#senders.get(name)
    if (sender === undefined) {
      sender = { name, fresh: new HeardOrder(), claiming: new HeardOrder() }
      this.#senders.set(name, sender)
    }
    const before = sizeOf(sender)
    this.#senderOf.set(key, sender)
    kindOf(sender, process).putLast(key)
    this.#resize(sender, before)
  }

  /** Takes note that a process was heard: of its kind it goes last, and its sender of those that have as many. One that is not there stays away. */
  touch(key: string, process: Unproven): void {
    const sender = this.#senderOf.get(key)
    if (sender === undefined) return
    if (sender.name === senderName(process.source)) {
      kindOf(sender, process).putLast(key)
      // Where each invented name comes from another address, all have one.
      this.#bySize.get(sizeOf(sender))?.putLast(sender)
    } else {
      this.remove(key)
      this.add(key, process)
    }
  }

  /** @returns Whether it was there. */
  remove(key: string): boolean {
    const sender = this.#senderOf.get(key)
    if (sender === undefined) return false
    const before = sizeOf(sender)
    this.#senderOf.delete(key)
    if (!sender.fresh.delete(key)) sender.claiming.delete(key)
    this.#resize(sender, before)
    return true
  }

  /**
   * The process that makes room for another: one of the sender that has most; of several that have as many, of the longest silent. Where that is the sender of the new one itself, one that
   * has loaded nothing makes room for any, and one that says it runs something for another such one.
   *
   * @returns undefined where none does.
   */
  firstFor({ digest, source }: Unproven): string | undefined {
    const own = this.#senders.get(senderName(source))
    const largest = this.#bySize.get(this.#largest)?.first
    if (largest === undefined) return undefined
    const isOwn = own !== undefined && sizeOf(own) >= sizeOf(largest)
    const { fresh, claiming } = isOwn ? own : largest
    return fresh.first ?? (isOwn && digest === null ? undefined : claiming.first)
  }

  #resize(sender: Sender, before: number): void {
    const now = sizeOf(sender)
    const were = this.#bySize.get(before)
    were?.delete(sender)
    if (were?.size === 0) this.#bySize.delete(before)
    if (now === 0) this.#senders.delete(sender.name)
    else {
      let are = this.#bySize.get(now)
      if (are === undefined) this.#bySize.set(now, (are = new HeardOrder()))
      are.putLast(sender)
    }
    // By one at most: whoever had most has one less.
    if (now > this.#largest) this.#largest = now
    else if (!this.#bySize.has(this.#largest)) this.#largest = Math.max(0, this.#largest - 1)
  }
}

function senderName({ address, token }: Source): string {
  return token === null ? addressGroup(address) : `${addressGroup(address)}\n${token}`
}

function kindOf(sender: Sender, { digest }: Unproven): HeardOrder<string> {
  return digest === null ? sender.fresh : sender.claiming
}

function sizeOf({ fresh, claiming }: Sender): number {
  return fresh.size + claiming.size
}
