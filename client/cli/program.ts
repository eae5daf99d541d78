import { styleText } from 'node:util'
import { Command, CommanderError } from 'commander'
import { shownText } from '../../protocol/shown-text.ts'
import { PullFailure } from '../failure.ts'
import { version } from '../version.ts'
import { EXIT, ALL_EXIT_CODES_HELP, exitCodeOfFailure } from './exit-code.ts'
import { addAudit } from './audit.ts'
import { addBackup } from './backup.ts'
import { addBots } from './bots.ts'
import { addCompletion } from './completion.ts'
import { addDefaultTag } from './default-tag.ts'
import { addDelete } from './delete.ts'
import { addDemo } from './demo.ts'
import { addDiff } from './diff.ts'
import { addDoctor } from './doctor.ts'
import { addExport } from './export.ts'
import { addImport } from './import.ts'
import { outputFailure, watchOutput } from './print.ts'
import { addPolicy } from './policy.ts'
import { addPromote } from './promote.ts'
import { addPrune } from './prune.ts'
import { addPull } from './pull.ts'
import { addPush } from './push.ts'
import { addQuota } from './quota.ts'
import { addReleases } from './releases.ts'
import { addRollback } from './rollback.ts'
import { addRollout } from './rollout.ts'
import { addServe } from './serve.ts'
import { addShow } from './show.ts'
import { addSign } from './sign.ts'
import { addStatus } from './status.ts'
import { suggestCommands } from './suggest-commands.ts'
import { addTags } from './tags.ts'
import { addToken } from './token.ts'
import { addTrust } from './trust.ts'
import { addVerify } from './verify.ts'
import { addWebhook } from './webhook.ts'

const ENVIRONMENT_HELP = `
Environment:
  SLIPWAY_URL    the server (default http://127.0.0.1:5080)
  SLIPWAY_TOKEN  sent to that server as a Bearer token; SLIPWAY_TOKEN_FILE names a
                 file that holds it instead
`

const OTHER_EXIT_CODES = `
slipway COMMAND --help tells which of them the command has; pull, doctor, backup
and restore have others.
`

/** The commands by the headings of the help, in the order in which people look for them. */
const COMMANDS = {
  'Publish and choose what bots get:': [
    ...[addPush, addSign, addPromote, addRollback, addReleases, addTags, addShow, addDiff],
    ...[addDefaultTag, addDelete],
  ],
  'Bots and rollouts:': [addBots, addRollout, addPolicy],
  'Install where bots run:': [addPull, addDoctor],
  'Run and look after a server:': [
    ...[addServe, addStatus, addQuota, addToken, addTrust, addAudit, addWebhook, addPrune, addVerify],
    ...[addBackup, addExport, addImport],
  ],
  'More:': [addDemo, addCompletion],
}

/** Columns that a description is wrapped into, at least. */
const NARROWEST_DESCRIPTION = 20

/** The program with all of its commands. */
export function createProgram(): Command {
  const program = new Command('slipway')
    .description(
      'Publishes trained Rasa archives, rolls them out and back, and installs them where bots run.',
    )
    .version(version, '--version')
    .showSuggestionAfterError()
    .showHelpAfterError('(see --help)')
    .configureHelp({
      minWidthToWrap: NARROWEST_DESCRIPTION,
      // Arguments and options stand in the help of each command; beside them there is no room for what it does.
      subcommandTerm: (command) => command.name(),
      // Commander takes colours away where the output has none, and with NO_COLOR.
      styleTitle: (title) => styleText('bold', title),
    })
    .addHelpText('after', ENVIRONMENT_HELP + ALL_EXIT_CODES_HELP + OTHER_EXIT_CODES)
    .exitOverride()
  for (const [heading, commands] of Object.entries(COMMANDS)) {
    program.commandsGroup(heading)
    for (const add of commands) add(program)
  }
  for (const command of [program, ...program.commands]) {
    if (command.commands.length > 0) suggestCommands(command)
  }
  return program
}

/**
 * Runs a command line.
 *
 * @returns the exit code where the command failed; undefined where it has set one itself.
 */
export async function runProgram(argv: string[]): Promise<number | undefined> {
  try {
    watchOutput()
    await createProgram().parseAsync(argv)
    return await exitCodeOfOutput()
  } catch (error) {
    return exitCodeOfError(error)
  }
}

/** The exit code where what was printed could not be written, as to a full disk; undefined where it could be. */
async function exitCodeOfOutput(): Promise<number | undefined> {
  const failure = await outputFailure()
  if (failure === undefined) return undefined
  console.error(`error: standard output cannot be written: ${failure.message}`)
  return process.exitCode === undefined || process.exitCode === EXIT.done ? EXIT.disk : undefined
}

function exitCodeOfError(error: unknown): number {
  // Commander has said already what is wrong, or shown the help that was asked for.
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.done : EXIT.usage
  if (isOfDisk(error)) {
    reportError(`this machine's disk: ${error.message}`)
    return EXIT.disk
  }
  if (!(error instanceof PullFailure)) throw error
  reportError(error.message)
  return exitCodeOfFailure(error.kind)
}

/** Messages may hold what came from elsewhere; those about endpoints.yml have several lines. */
function reportError(message: string): void {
  console.error(
    `error: ${message
      .split('\n')
      .map((line) => shownText(line, 2000))
      .join('\n')}`,
  )
}

/** Whether a file or folder could not be read or written: what the network does is a PullFailure long before. */
function isOfDisk(error: unknown): error is Error {
  return error instanceof Error && 'syscall' in error
}
