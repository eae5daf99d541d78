import { styleText } from 'node:util'
import { Command, CommanderError } from 'commander'
import { shownText } from '../../protocol/shown-text.ts'
import { PullFailure } from '../failure.ts'
import { version } from '../version.ts'
import { EXIT, ALL_EXIT_CODES_HELP, exitCodeOfFailure } from './exit-code.ts'
import { outputFailure, watchOutput } from './print.ts'
import { suggestCommands } from './suggest-commands.ts'

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

/**
 * The commands by the headings of the help, in the order in which people look for them, and what adds each. They are loaded
 * when they are wanted: a command takes two thirds of the time that it takes beside all others.
 */
const COMMANDS: Readonly<
  Record<string, Readonly<Record<string, () => Promise<(program: Command) => void>>>>
> = {
  'Publish and choose what bots get:': {
    push: async () => (await import('./push.ts')).addPush,
    sign: async () => (await import('./sign.ts')).addSign,
    promote: async () => (await import('./promote.ts')).addPromote,
    rollback: async () => (await import('./rollback.ts')).addRollback,
    releases: async () => (await import('./releases.ts')).addReleases,
    tags: async () => (await import('./tags.ts')).addTags,
    show: async () => (await import('./show.ts')).addShow,
    diff: async () => (await import('./diff.ts')).addDiff,
    'default-tag': async () => (await import('./default-tag.ts')).addDefaultTag,
    delete: async () => (await import('./delete.ts')).addDelete,
  },
  'Bots and rollouts:': {
    bots: async () => (await import('./bots.ts')).addBots,
    rollout: async () => (await import('./rollout.ts')).addRollout,
    policy: async () => (await import('./policy.ts')).addPolicy,
  },
  'Install where bots run:': {
    pull: async () => (await import('./pull.ts')).addPull,
    doctor: async () => (await import('./doctor.ts')).addDoctor,
  },
  'Run and look after a server:': {
    serve: async () => (await import('./serve.ts')).addServe,
    status: async () => (await import('./status.ts')).addStatus,
    quota: async () => (await import('./quota.ts')).addQuota,
    token: async () => (await import('./token.ts')).addToken,
    trust: async () => (await import('./trust.ts')).addTrust,
    audit: async () => (await import('./audit.ts')).addAudit,
    webhook: async () => (await import('./webhook.ts')).addWebhook,
    prune: async () => (await import('./prune.ts')).addPrune,
    verify: async () => (await import('./verify.ts')).addVerify,
    backup: async () => (await import('./backup.ts')).addBackup,
    export: async () => (await import('./export.ts')).addExport,
    import: async () => (await import('./import.ts')).addImport,
  },
  'More:': {
    demo: async () => (await import('./demo.ts')).addDemo,
    completion: async () => (await import('./completion.ts')).addCompletion,
  },
}

/** Commands that another's function adds, too; completion is of all commands, so that all are loaded for it. */
const ADDED_BY: ReadonlyMap<string, string> = new Map([
  ['restore', 'backup'],
  ['migrate', 'backup'],
  ['completion', 'all'],
])

/** Columns that a description is wrapped into, at least. */
const NARROWEST_DESCRIPTION = 20

/**
 * The program with all of its commands.
 *
 * @param only The command that was asked for, as far as that is known; where there is one of this name, it alone is there.
 */
export async function createProgram(only?: string): Promise<Command> {
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
  const wanted = only === undefined ? undefined : (ADDED_BY.get(only) ?? only)
  const isKnown = Object.values(COMMANDS).some(
    (commands) => wanted !== undefined && Object.hasOwn(commands, wanted),
  )
  for (const [heading, commands] of Object.entries(COMMANDS)) {
    program.commandsGroup(heading)
    for (const [name, load] of Object.entries(commands))
      if (!isKnown || name === wanted) (await load())(program)
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
    await (await createProgram(argv[2])).parseAsync(argv)
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
