import { open } from 'node:fs/promises'
import { stopOnSignal } from '../../../server/composition/running/stop-on-signal.ts'

/** A program that stops badly, in the way that its argument says, 300 ms after it should. */
const [, , way, fifo = ''] = process.argv

stopOnSignal({
  stop: () => {
    // Like a log that is tried again for ever when the process ends.
    if (way === 'exit-listener') process.on('exit', spin)
    if (way === 'event-loop') spin()
    if (way === 'nothing-ends') return new Promise(() => undefined)
    // Nobody ever writes there: the thread that opens it never comes back, and process.exit would wait for it.
    if (way === 'thread-pool') void open(fifo, 'r')
    if (way === 'rejects') return Promise.reject(new Error('It cannot be stopped'))
    return Promise.resolve()
  },
  onFailure: ({ message }) => {
    process.stdout.write(`failed: ${message}\n`)
  },
  flushLog: () => Promise.resolve(),
  deadlineMilliseconds: 300,
})
setInterval(() => undefined, 1_000)
process.stdout.write('ready\n')

function spin(): void {
  for (;;);
}
