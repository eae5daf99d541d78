/** What a picture may be drawn with. */
export interface ScreenStyle {
  columns: number
  rows: number
  /** Colours are a help, and never all that says something. */
  hasColor: boolean
  /** Whether dots and bars can be drawn; else letters stand in for them. */
  hasUnicode: boolean
}

const ESCAPE = '\u001b['
/** The other page of the terminal, without cursor and without wrapping; what was on the first comes back later. */
const ENTER = `${ESCAPE}?1049h${ESCAPE}?25l${ESCAPE}?7l`
const LEAVE = `${ESCAPE}?7h${ESCAPE}?25h${ESCAPE}?1049l`
const HOME = `${ESCAPE}H`
/** Of a line, and of all below: less flicker than clearing first. */
const CLEAR_LINE = `${ESCAPE}K`
const CLEAR_BELOW = `${ESCAPE}J`

/** A terminal on which one picture takes the place of the one before. */
export class Screen {
  readonly #output: NodeJS.WriteStream
  readonly #restore = (): void => {
    this.#output.write(LEAVE)
  }

  /** Takes the terminal, until {@link leave}. */
  constructor(output: NodeJS.WriteStream) {
    this.#output = output
    output.write(ENTER)
    // Whatever ends the program.
    process.once('exit', this.#restore)
  }

  draw(lines: readonly string[]): void {
    const shown = lines.slice(0, Math.max(1, this.#output.rows - 1))
    this.#output.write(`${HOME}${shown.map((line) => `${line}${CLEAR_LINE}\n`).join('')}${CLEAR_BELOW}`)
  }

  /** Gives the terminal back as it was. */
  leave(): void {
    process.off('exit', this.#restore)
    this.#restore()
  }
}

/** What a terminal can show. @param env The environment: NO_COLOR (no-color.org), TERM, and the locale. */
export function screenStyle(
  { columns, rows }: Pick<NodeJS.WriteStream, 'columns' | 'rows'>,
  env: Readonly<Record<string, string | undefined>>,
): ScreenStyle {
  const locale = [env['LC_ALL'], env['LC_CTYPE'], env['LANG']].find(
    (value) => value !== undefined && value !== '',
  )
  return {
    columns: Math.max(columns || 80, 20),
    rows: Math.max(rows || 24, 5),
    hasColor: (env['NO_COLOR'] ?? '') === '' && env['TERM'] !== 'dumb',
    hasUnicode: /utf-?8/i.test(locale ?? ''),
  }
}
