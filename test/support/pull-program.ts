import { Puller, serverSource, shellCommand } from '../../client/index.ts'

/**
 * A puller in a process of its own, to be killed: `pull-program.ts URL DIR [STEP [COMMAND]]` ends itself with
 * SIGKILL right after that step of its installation.
 */
const [url = '', to = '', step, command] = process.argv.slice(2)
const puller = new Puller({
  source: serverSource({ url }),
  to,
  onChange: command === undefined ? undefined : shellCommand(command, process.env),
  onStep: (done) => {
    if (done === step) process.kill(process.pid, 'SIGKILL')
  },
})
const { event } = await puller.pull()
process.stdout.write(`${event}\n`)
