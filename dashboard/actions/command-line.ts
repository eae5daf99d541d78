import { shellWord } from '../text/shell-word.ts'
import type { Call } from './action.ts'

/** The words of a command as they are typed. */
export function commandLine(words: readonly string[]): string {
  return words.map(shellWord).join(' ')
}

/**
 * A call as curl makes it. The token stands in a variable: it must not lie in anybody's history.
 *
 * @param root The address of the server, with a slash at its end.
 */
export function curlCommand({ method, path, body, condition }: Call, root: string): string {
  const words = ['curl', '--fail-with-body', '-X', method]
  const token = `-H "Authorization: Bearer $SLIPWAY_TOKEN"`
  const content =
    body === undefined ? [] : ['-H', 'Content-Type: application/json', '-d', JSON.stringify(body)]
  const conditions = condition === undefined ? [] : ['-H', `${condition.field}: ${condition.value}`]
  const rest = [...conditions, ...content, root + path]
  return [...words.map(shellWord), token, ...rest.map(shellWord)].join(' ')
}
