import { Argument, type Command } from 'commander'
import { bashCompletion } from './completion/bash.ts'
import { commandNode, type CommandNode } from './completion/command-node.ts'
import { fishCompletion } from './completion/fish.ts'
import { zshCompletion } from './completion/zsh.ts'

const SCRIPTS = { bash: bashCompletion, zsh: zshCompletion, fish: fishCompletion } satisfies Record<
  string,
  (root: CommandNode) => string
>

type Shell = keyof typeof SCRIPTS

const EXAMPLES = `
Examples:
  source <(slipway completion bash)                            in ~/.bashrc
  slipway completion zsh > "\${fpath[1]}/_slipway"
  slipway completion fish > ~/.config/fish/completions/slipway.fish
`

/** `slipway completion SHELL`. */
export function addCompletion(program: Command): void {
  program
    .command('completion')
    .description('print a script that completes commands and options in a shell')
    .addArgument(new Argument('<SHELL>', 'the shell').choices(Object.keys(SCRIPTS)))
    .addHelpText('after', EXAMPLES)
    .action((shell: Shell) => {
      process.stdout.write(SCRIPTS[shell](commandNode(program)))
    })
}
