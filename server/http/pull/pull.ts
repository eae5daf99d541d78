import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Traffic } from '../operate/traffic.ts'
import type { Poll } from './poll.ts'

/** A pull that was let in, until it is answered. */
export interface Pull {
  readonly request: IncomingMessage
  readonly response: ServerResponse
  /** When the request came, by `performance.now()`. */
  readonly begun: number
  readonly model: string
  /** Undefined: the model's default tag. */
  readonly tag: string | undefined
  readonly poll: Poll
}

/** How a pull ended. */
export type PullOutcome = keyof Traffic['pulls']
