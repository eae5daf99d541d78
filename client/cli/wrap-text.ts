/** Columns of a terminal that does not say how many it has, and of what is not a terminal. */
export const USUAL_WIDTH = 80

/**
 * Breaks a text into lines of at most `width` columns at its spaces; what has none in it may be longer.
 *
 * @param first Stands before the first line.
 * @param indent Stands before the others.
 */
export function wrapText(
  text: string,
  { first = '', indent = '', width = USUAL_WIDTH }: { first?: string; indent?: string; width?: number } = {},
): string {
  const lines: string[] = []
  let line = first
  let isEmpty = true
  for (const word of text.split(' ')) {
    if (!isEmpty && line.length + 1 + word.length > width) {
      lines.push(line)
      line = indent
      isEmpty = true
    }
    line += isEmpty ? word : ` ${word}`
    isEmpty = false
  }
  return [...lines, line].join('\n')
}
