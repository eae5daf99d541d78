import { allNodes, type CommandNode, type OptionNode } from './command-node.ts'

/** A script that fish sources to complete `slipway`. */
export function fishCompletion(root: CommandNode): string {
  const nodes = allNodes(root)
  const paths = nodes.slice(1).map(({ path }) => quote(path))
  const lines = nodes.flatMap(({ path, commands, options }) => [
    ...commands.map(
      ({ name, description }) => `${complete(path)} -f -a ${quote(name)} -d ${quote(description)}`,
    ),
    ...options.map((option) => `${complete(path)} ${describeOption(option)}`),
  ])
  return `# Completion of slipway for fish: slipway completion fish > ~/.config/fish/completions/slipway.fish
function __slipway_at
    set -l at ''
    for word in (commandline -opc)[2..-1]
        if contains -- "$at/$word" ${paths.join(' ')}
            set at "$at/$word"
        end
    end
    test "$at" = "$argv[1]"
end
${lines.join('\n')}
`
}

function complete(path: string): string {
  return `complete -c slipway -n ${quote(`__slipway_at ${path === '' ? "''" : path}`)}`
}

function describeOption({ flag, description, takesValue, choices }: OptionNode): string {
  const value = choices.length > 0 ? ` -x -a ${quote(choices.join(' '))}` : takesValue ? ' -r' : ''
  return `-l ${flag.replace(/^--/, '')}${value} -d ${quote(description)}`
}

function quote(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`
}
