/** Which part of a list. */
export interface PageOf<Position> {
  /** How many items at most. */
  limit: number
  /** The position of the last item of the page before: this page begins after it. */
  cursor?: Position
}
