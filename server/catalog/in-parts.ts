/** Far below the number of parameters that a statement may have. */
const ROWS_A_STATEMENT = 500

/** Divides rows among statements, or among transactions that shall not take long; no rows, no statement. */
export function* inParts<Row>(rows: readonly Row[]): Generator<Row[]> {
  for (let begin = 0; begin < rows.length; begin += ROWS_A_STATEMENT) {
    yield rows.slice(begin, begin + ROWS_A_STATEMENT)
  }
}
