import type { Command } from 'commander'
import { createProgram } from '../../client/cli/program.ts'

/** Columns of the help texts. */
const WIDTH = 80

/** docs/reference/commands.md: the help of every command. */
export async function commandsPage(): Promise<string> {
  const program = await createProgram()
  const commands = program.createHelp().visibleCommands(program)
  return `# Commands

What \`slipway COMMAND --help\` prints, for every command. Made from \`client/cli/\` by \`scripts/openapi\`. What the commands have in common, and how they behave in
scripts, stands in [the command line](../cli.md).

${section(program, '##')}
${commands
  .filter((command) => command.name() !== 'help')
  .flatMap((command) => [section(command, '##'), ...command.commands.map((each) => section(each, '###'))])
  .join('\n')}`
}

function section(command: Command, heading: string): string {
  const name = nameOf(command)
  const isOfServer = ['serve', 'backup', 'restore', 'migrate'].includes(command.name())
  const text = isOfServer
    ? `${command.description()}. It runs where the server is installed; \`${name} --help\` tells more${command.name() === 'serve' ? ', and [settings](settings.md) has its variables' : ''}.`
    : `\`\`\`text\n${helpOf(command)}\n\`\`\``
  return `${heading} ${name}\n\n${text}\n`
}

function nameOf(command: Command): string {
  return command.parent === null ? command.name() : `${nameOf(command.parent)} ${command.name()}`
}

function helpOf(command: Command): string {
  let text = ''
  command.configureOutput({
    writeOut: (part) => {
      text += part
    },
    getOutHelpWidth: () => WIDTH,
    getOutHasColors: () => false,
  })
  command.outputHelp()
  return text.trim().replaceAll(/ +$/gm, '')
}
