import { allNodes, type CommandNode } from './command-node.ts'

/** A script that zsh loads to complete `slipway`. */
export function zshCompletion(root: CommandNode): string {
  const nodes = allNodes(root)
  const paths = nodes.slice(1).map(({ path }) => `'${path}'`)
  const described = nodes.map(({ path, commands, options }) =>
    [
      `    '${path}')`,
      `      subcommands=(${commands.map(({ name, description }) => entry(name, description)).join(' ')})`,
      `      flags=(${options.map(({ flag, description }) => entry(flag, description)).join(' ')})`,
      '      ;;',
    ].join('\n'),
  )
  const values = nodes.flatMap(({ path, options }) =>
    options
      .filter(({ takesValue }) => takesValue)
      .map(
        ({ flag, choices }) =>
          `    '${path} ${flag}') ${choices.length === 0 ? '_files' : `compadd -- ${choices.join(' ')}`}; return ;;`,
      ),
  )
  return `#compdef slipway
# Completion of slipway for zsh: slipway completion zsh > "\${fpath[1]}/_slipway"
_slipway() {
  local at='' index
  local -a subcommands flags
  for ((index = 2; index < CURRENT; index++)); do
    case "$at/\${words[index]}" in
    ${paths.join(' | ').replaceAll(' | ', '|')}) at="$at/\${words[index]}" ;;
    esac
  done
  case "$at \${words[CURRENT - 1]}" in
${values.join('\n')}
  esac
  case "$at" in
${described.join('\n')}
  esac
  if [[ "\${words[CURRENT]}" == -* ]]; then
    _describe -o option flags
  else
    (( \${#subcommands} )) && _describe command subcommands
    _files
  fi
}
compdef _slipway slipway
`
}

/** `name:description`, quoted. */
function entry(name: string, description: string): string {
  return `'${`${name}:${description}`.replaceAll("'", "'\\''")}'`
}
