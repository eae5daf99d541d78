import type { Source } from '../../../server/fleet/process-record.ts'
import { SimulatedProcess, type World } from './simulated-process.ts'

/** Bots with their workers, and the supervisors that start them anew. */
export class SimulatedFleet {
  readonly world: World
  readonly workers: number
  readonly processes: SimulatedProcess[] = []
  #bots = 0

  constructor(world: World, bots: number, workers: number) {
    this.world = world
    this.workers = workers
    for (let bot = 0; bot < bots; bot++) this.addBot()
  }

  /** The processes that are there. */
  get alive(): SimulatedProcess[] {
    return this.processes.filter(({ activity }) => activity !== 'dead')
  }

  addBot(): void {
    const bot = ++this.#bots
    for (let worker = 0; worker < this.workers; worker++)
      this.#start(`pod-${bot}`, this.#address(bot), worker)
  }

  /** Breaks connections, as a server does that goes. @param isBroken Says of which offers. */
  breakOff(isBroken: (stream: string) => boolean): void {
    for (const process of this.processes) process.breakOff(isBroken)
  }

  #start(bot: string, address: string, worker: number): void {
    const process = new SimulatedProcess(this.world, bot, this.#source(bot, address), () => {
      this.#onDeath(bot, address, worker)
    })
    this.processes.push(process)
    this.world.queue.after(this.world.random.between(0, worker === 0 ? 5000 : 5060), () => {
      process.start()
    })
  }

  #onDeath(bot: string, address: string, worker: number): void {
    const { faults, random, queue } = this.world
    if (faults.has('a bot goes for good') && random.chance(0.3)) return
    const isElsewhere = faults.has('bots are rescheduled elsewhere')
    queue.after(random.between(5, 40) * 1000, () => {
      this.#start(bot, isElsewhere ? this.#address(random.integer(50, 90)) : address, worker)
    })
  }

  #address(host: number): string {
    return this.world.faults.has('all bots share one address') ? '10.0.0.1' : `10.0.0.${host}`
  }

  #source(bot: string, address: string): Source {
    const { faults } = this.world
    const instance = faults.has('all bots share one address')
      ? null
      : faults.has('all bots share one name')
        ? 'bot'
        : bot
    return { instance, token: null, address }
  }
}
