import { keepHeapSmall } from '../../client/cli/keep-heap-small.ts'
import { Puller, serverSource } from '../../client/index.ts'

/** A puller in a process of its own that says by how many bytes its memory grew: `measured-pull-program.ts URL DIR`. */
const [url = '', to = ''] = process.argv.slice(2)
keepHeapSmall()
const idle = process.memoryUsage.rss()
let highest = idle
const timer = setInterval(() => {
  highest = Math.max(highest, process.memoryUsage.rss())
}, 5)
const { event } = await new Puller({ source: serverSource({ url }), to }).pull()
clearInterval(timer)
process.stdout.write(JSON.stringify({ event, growth: highest - idle }))
