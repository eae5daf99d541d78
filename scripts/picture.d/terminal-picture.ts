/** What was printed, and when. */
export interface RecordedLine {
  seconds: number
  text: string
}

const WIDTH = 118
const CHARACTER = 8.1
const LINE = 22
const MARGIN = 18
const INDENT = ' '.repeat(10)

/**
 * A terminal as SVG: each line appears when it was printed. Where animations are not wanted, or not shown, all of it stands
 * there; the text is text, so that it can be read aloud and searched.
 */
export function terminalPicture(command: string, recorded: readonly RecordedLine[]): string {
  const rows = [
    { text: `$ ${command}`, seconds: 0 },
    ...recorded.flatMap(({ seconds, text }) =>
      wrapped(`${seconds.toFixed(1).padStart(5)} s   ${text}`).map((row) => ({ text: row, seconds })),
    ),
  ]
  const width = Math.round(WIDTH * CHARACTER + 2 * MARGIN)
  const height = rows.length * LINE + 2 * MARGIN
  const title = recorded.map(({ text }) => text).join('. ')
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" role="img" aria-labelledby="title">
  <title id="title">${escape(`${command}: ${title}`)}</title>
  <style>
    text { font: 13.5px ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace; fill: #d7dde5; white-space: pre }
    .command { fill: #8fd3a8 }
    .back { fill: #ffb86b }
    @media (prefers-reduced-motion: no-preference) {
      text { animation: appear 0.2s both }
      @keyframes appear { from { opacity: 0 } }
    }
  </style>
  <rect width="100%" height="100%" rx="10" fill="#161b22" />
${rows.map(({ text, seconds }, index) => rowOf(text, seconds, index)).join('\n')}
</svg>
`
}

function rowOf(text: string, seconds: number, index: number): string {
  const style =
    index === 0 ? ' class="command"' : text.includes('Slipway takes it back') ? ' class="back"' : ''
  const y = MARGIN + index * LINE + 15
  return `  <text x="${MARGIN}" y="${y}" xml:space="preserve" style="animation-delay: ${seconds.toFixed(1)}s"${style}>${escape(text)}</text>`
}

/** Breaks a line at blanks, with what follows below its text. */
function wrapped(line: string): string[] {
  if (line.length <= WIDTH) return [line]
  const at = line.lastIndexOf(' ', WIDTH)
  return [line.slice(0, at), ...wrapped(`${INDENT}${line.slice(at + 1)}`)]
}

function escape(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}
