import { hostname } from 'node:os'
import { pino } from 'pino'
import { allocateYoung } from './composition/running/allocate-young.ts'
import { banner } from './composition/running/banner.ts'
import { composeServer } from './composition/compose.ts'
import { ConfigError, loadConfig } from './config/config.ts'
import { LogOutput } from './composition/logging/log-output.ts'
import { protectFiles } from './composition/opening/protect-files.ts'
import { readableLogLine } from './composition/logging/readable-log-line.ts'
import { runServer } from './composition/running/run-server.ts'
import { describeSettings } from './config/settings.ts'
import { version } from './config/version.ts'
import { safeLogLine } from './composition/logging/safe-log-line.ts'
import { shownText } from '../protocol/shown-text.ts'

const HELP = `Usage: slipway serve

Serves models to Rasa bots and takes archives in, until SIGINT or SIGTERM; a second signal ends it at once.
Configured by its environment:

${describeSettings()}
Exit codes: 0 stopped by a signal; 2 wrong usage or configuration; 1 anything else.
`

/** Runs the server as a program: reads the environment, reports mistakes, ends with an exit code. */
async function main(): Promise<void> {
  if (process.argv.includes('--help') || process.argv.includes('-h')) {
    process.stdout.write(HELP)
    return
  }
  if (process.argv.includes('--version')) {
    process.stdout.write(`${version}\n`)
    return
  }
  const [argument] = process.argv.slice(2)
  if (argument !== undefined) {
    process.stderr.write(
      `slipway: serve takes no argument, and got ${shownText(argument)}; its environment configures it, such as PORT=8080 (--help lists all)\n`,
    )
    process.exitCode = 2
    return
  }
  allocateYoung()
  const config = loadConfig(process.env, process.cwd())
  const logOutput = new LogOutput(process.stdout)
  const logger = pino(
    {
      level: config.logLevel,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      hooks: { streamWrite: process.stdout.isTTY ? readableLogLine : safeLogLine },
    },
    logOutput,
  )
  for (const warning of config.warnings) logger.warn({ reason: warning }, 'configuration_warning')
  if (!(await protectFiles(config))) {
    const reason = `Other users of this machine can read ${config.dataDir}; take their rights away (chmod o-rwx)`
    logger.warn({ reason }, 'data_dir_open')
  }
  const server = await composeServer(config, logger, { now: () => Date.now() })
  const url = await runServer(server, config, logger, logOutput)
  // Whoever started it may no longer be there to read that.
  process.stderr.on('error', () => undefined)
  process.stderr.write(banner(url, config, hostname()))
}

main().catch((error: unknown) => {
  const isMistake = error instanceof ConfigError
  process.stderr.write(`slipway: ${error instanceof Error ? error.message : String(error)}\n`)
  process.exit(isMistake ? 2 : 1)
})
