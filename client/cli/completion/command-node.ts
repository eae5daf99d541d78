import type { Command } from 'commander'

/** A command as shells complete it. */
export interface CommandNode {
  /** The names that lead to it, each behind a slash: `/rollout/pause`; empty for `slipway` itself. */
  path: string
  name: string
  description: string
  options: OptionNode[]
  commands: CommandNode[]
}

/** An option as shells complete it. */
export interface OptionNode {
  /** With its dashes. */
  flag: string
  description: string
  takesValue: boolean
  /** What its value may be; empty where that is anything. */
  choices: readonly string[]
}

/** Reads what shells need to know out of commander's tree. */
export function commandNode(command: Command, path = ''): CommandNode {
  const help = command.createHelp()
  return {
    path,
    name: command.name(),
    description: command.description(),
    options: help.visibleOptions(command).flatMap((option) => {
      const { long, description, required, optional, argChoices = [] } = option
      if (long == null) return []
      return [{ flag: long, description, takesValue: required || optional, choices: argChoices }]
    }),
    commands: help
      .visibleCommands(command)
      .filter((each) => each.name() !== 'help')
      .map((each) => commandNode(each, `${path}/${each.name()}`)),
  }
}

/** A command and all below it, each before what is below it. */
export function allNodes(node: CommandNode): CommandNode[] {
  return [node, ...node.commands.flatMap(allNodes)]
}
