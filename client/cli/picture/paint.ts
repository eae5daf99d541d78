import { shownText } from '../../../protocol/shown-text.ts'
import type { ScreenStyle } from '../screen.ts'

const COLORS = { red: 31, green: 32, yellow: 33, blue: 34, grey: 90, bold: 1 } as const

export type Color = keyof typeof COLORS

/** A part of a line, in a colour or not. */
export interface Span {
  text: string
  color?: Color
}

/** A line of a terminal: what came from elsewhere is made safe, and what does not fit is cut off. */
export function paintLine(
  spans: readonly Span[],
  { columns, hasColor }: Pick<ScreenStyle, 'columns' | 'hasColor'>,
): string {
  let left = columns
  return spans
    .map(({ text, color }) => {
      const shown = cut(shownText(text, columns * 2), left)
      left -= Array.from(shown).length
      return hasColor && color !== undefined && shown !== ''
        ? `\u001b[${COLORS[color]}m${shown}\u001b[0m`
        : shown
    })
    .join('')
}

/** Characters, not UTF-16 units. */
function cut(text: string, length: number): string {
  const characters = Array.from(text)
  if (characters.length <= length) return text
  return length <= 0 ? '' : `${characters.slice(0, length - 1).join('')}…`
}
