/** One event of a stream, as far as we read them. */
export interface StreamedEvent {
  readonly id: string | undefined
  readonly data: string
}

/**
 * Reads server-sent events out of the text of a stream (HTML §9.2.6), whatever the pieces in which it comes.
 * `retry:` and the event's type are not needed here: the type stands in the data.
 */
export class EventStreamParser {
  #rest = ''
  #id: string | undefined
  #data: string[] = []

  /** Takes in a piece. @returns the events that it completes */
  push(piece: string): StreamedEvent[] {
    const lines = (this.#rest + piece).split(/\r\n|\n|\r(?!$)/)
    this.#rest = lines.pop() ?? ''
    return lines.flatMap((line) => this.#take(line))
  }

  #take(line: string): StreamedEvent[] {
    if (line === '') {
      const event = { id: this.#id, data: this.#data.join('\n') }
      const isEvent = this.#data.length > 0
      this.#data = []
      return isEvent ? [event] : []
    }
    const colon = line.indexOf(':')
    const field = colon === -1 ? line : line.slice(0, colon)
    const value = colon === -1 ? '' : line.slice(colon + 1).replace(/^ /, '')
    if (field === 'data') this.#data.push(value)
    else if (field === 'id' && !value.includes('\0')) this.#id = value
    return []
  }
}
