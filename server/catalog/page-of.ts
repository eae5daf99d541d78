/** Which part of a list. */
export interface PageOf<Position> {
  /** How many items at most. */
  limit: number
  /** Where the page before ended; the item itself is not repeated. */
  before?: Position
}
