import { allNodes, type CommandNode } from './command-node.ts'

/** A script that bash sources to complete `slipway`. */
export function bashCompletion(root: CommandNode): string {
  const nodes = allNodes(root)
  const paths = nodes.slice(1).map(({ path }) => `'${path}'`)
  const words = nodes.map(
    ({ path, commands, options }) =>
      `    '${path}') words='${[...commands.map(({ name }) => name), ...options.map(({ flag }) => flag)].join(' ')}' ;;`,
  )
  const values = nodes.flatMap(({ path, options }) =>
    options
      .filter(({ takesValue }) => takesValue)
      .map(
        ({ flag, choices }) =>
          `    '${path} ${flag}') ${choices.length === 0 ? 'return' : `words='${choices.join(' ')}'`} ;;`,
      ),
  )
  return `# Completion of slipway for bash: source <(slipway completion bash)
_slipway() {
  local current=\${COMP_WORDS[COMP_CWORD]} previous=\${COMP_WORDS[COMP_CWORD - 1]} at='' words='' index
  COMPREPLY=()
  for ((index = 1; index < COMP_CWORD; index++)); do
    case "$at/\${COMP_WORDS[index]}" in
    ${paths.join(' | ')}) at=$at/\${COMP_WORDS[index]} ;;
    esac
  done
  case "$at" in
${words.join('\n')}
  esac
  case "$at $previous" in
${values.join('\n')}
  esac
  mapfile -t COMPREPLY < <(compgen -W "$words" -- "$current")
}
complete -o default -F _slipway slipway
`
}
