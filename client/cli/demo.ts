import type { Command } from 'commander'
import { jsonLine } from '../../protocol/shown-text.ts'
import { EXIT } from './exit-code.ts'
import { runDemo } from './demo/run-demo.ts'
import { untilSignal } from './until-signal.ts'

/** `slipway demo`. */
export function addDemo(program: Command): void {
  program
    .command('demo')
    .description('show a rollout, and a release that is taken back, with its own server and three bots')
    .option('--json', 'one JSON object a line: seconds, text')
    .action(async ({ json }: { json?: true }) => {
      const begun = performance.now()
      const tell = (text: string): void => {
        const seconds = (performance.now() - begun) / 1000
        console.log(
          json === true ? jsonLine({ seconds, text }) : `${seconds.toFixed(1).padStart(5)} s  ${text}`,
        )
      }
      process.exitCode = await untilSignal(async (signal) => {
        await runDemo(tell, signal)
        return EXIT.done
      })
    })
}
