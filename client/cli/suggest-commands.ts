import type { Command } from 'commander'
import { nearestName } from '../../protocol/nearest-name.ts'

/** Words that other programs use for what the command does, or that people try first. */
const OTHER_WORDS: Record<string, string> = {
  publish: 'push',
  upload: 'push',
  deploy: 'promote',
  revert: 'rollback',
  undo: 'rollback',
  list: 'releases',
  ls: 'releases',
  history: 'tags',
  remove: 'delete',
  rm: 'delete',
  download: 'pull',
  install: 'pull',
  start: 'serve',
  server: 'serve',
}

/**
 * The commands that an unknown word may stand for: those that begin with it, else the one that does what the word says,
 * else the one that it misspells. Commander's own suggestion compares letters alone, and takes `roll` for `pull`.
 */
export function suggestedCommands(unknown: string, commands: readonly string[]): string[] {
  const word = unknown.toLowerCase()
  const longer = commands.filter((command) => command.startsWith(word))
  if (word !== '' && longer.length > 0) return longer
  const same = Object.hasOwn(OTHER_WORDS, word) ? OTHER_WORDS[word] : undefined
  if (same !== undefined && commands.includes(same)) return [same]
  // People seldom miss the first letter; without this rule short words are near to many others.
  const near = nearestName(
    word,
    commands.filter((command) => command.startsWith(word.slice(0, 1))),
  )
  return near === undefined ? [] : [near]
}

/** Has a program with commands answer an unknown one with those that may be meant. */
export function suggestCommands(program: Command): void {
  program.on('command:*', ([unknown = '']: string[]) => {
    const names = program.commands.map((command) => command.name())
    const suggested = suggestedCommands(unknown, names)
    const meant = suggested.length > 1 ? `one of ${suggested.join(', ')}` : suggested.join('')
    program.error(`error: unknown command '${unknown}'${meant === '' ? '' : `\n(Did you mean ${meant}?)`}`, {
      code: 'commander.unknownCommand',
    })
  })
}
