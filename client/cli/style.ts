import { styleText } from 'node:util'

/** What is made to stand out on a terminal, and how. */
const STYLES = {
  heading: 'bold',
  added: 'green',
  removed: 'red',
  changed: 'yellow',
  warning: 'yellow',
  quiet: 'dim',
} as const

/**
 * Colours a text for standard output. Nothing is coloured where that is no terminal, nor with NO_COLOR
 * (https://no-color.org); FORCE_COLOR colours in any case.
 */
export function styled(style: keyof typeof STYLES, text: string): string {
  return text === '' ? '' : styleText(STYLES[style], text, { stream: process.stdout })
}
