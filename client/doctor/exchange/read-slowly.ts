import type { IncomingMessage } from 'node:http'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { pause } from '../../timing/pause.ts'

/** What a reader met that takes its time. */
export interface SlowRead {
  /** Bytes that were read. */
  bytes: number
  /** Milliseconds for which the answer was read. */
  milliseconds: number
  /** Whether the connection was closed, or the body ended, before the reader went. */
  broken: boolean
}

/** Milliseconds between two reads. */
const STEP = 250
/** More than sockets hold on the way: 4 MB to send and 6 MB received, for two connections. */
const LONGEST_BUFFERS = 24_000_000
/** Milliseconds for which buffers are emptied. */
const DRAIN = 3_000
/** 256 KiB a second: as slow as a bad line, and enough for every limit on slow readers that Slipway has. */
const BYTES_PER_STEP = 64 * 1024

/**
 * Reads a body as a bot on a slow line does, for some time.
 *
 * @param milliseconds How long at most.
 * @param look Called while most of the body is still to come.
 */
export async function readSlowly(
  message: IncomingMessage,
  milliseconds: number,
  look: () => Promise<void>,
  signal: AbortSignal,
): Promise<SlowRead> {
  let bytes = 0
  const state = { broken: false }
  const end = (): void => {
    state.broken = true
  }
  message.on('error', end).on('close', end)
  const begun = performance.now()
  const passed = (): number => performance.now() - begun
  while (!state.broken && passed() < milliseconds && !signal.aborted) {
    const chunk = message.read(Math.min(BYTES_PER_STEP, message.readableLength)) as Buffer | null
    bytes += chunk?.length ?? 0
    await pause(STEP, signal)
  }
  const slowly = passed()
  await look()
  const drainBegun = passed()
  // A proxy that has ended the answer is noticed once what lay in buffers before that is read.
  const until = bytes + LONGEST_BUFFERS
  while (!state.broken && bytes < until && passed() < drainBegun + DRAIN && !signal.aborted) {
    const chunk = message.read() as Buffer | null
    bytes += chunk?.length ?? 0
    await (chunk === null ? pause(20, signal) : nextTurn())
  }
  return { bytes, milliseconds: slowly, broken: state.broken }
}
