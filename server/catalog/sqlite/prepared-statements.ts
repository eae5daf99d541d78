import type { Database, Statement } from 'better-sqlite3'

/** Letters of SQL whose statements are kept. SQLite needs about ten times as many bytes for what it makes of it. */
const MOST_LETTERS = 400_000

/** What reads and changes rows, or begins and ends transactions. Whatever else there is may change what these mean. */
const REPEATABLE = /^\s*(select|insert|update|delete|with|begin|commit|rollback)\b/

/** The statements of a database, each prepared once for as long as it is used often: preparing takes longer than most of them run. */
export class PreparedStatements {
  readonly #database: Database
  /** By their SQL, the longest unused first. */
  readonly #statements = new Map<string, Statement>()
  #letters = 0

  constructor(database: Database) {
    this.#database = database
  }

  /** The statement of an SQL text. Its results are to be read at once: it is one for all who ask. */
  prepare<Row>(sql: string): Statement<unknown[], Row> {
    const known = this.#statements.get(sql)
    if (known !== undefined) {
      this.#statements.delete(sql)
      this.#statements.set(sql, known)
      return known as Statement<unknown[], Row>
    }
    const statement = this.#database.prepare<unknown[], Row>(sql)
    if (REPEATABLE.test(sql)) this.#keep(sql, statement)
    else this.#forgetAll()
    return statement
  }

  #keep(sql: string, statement: Statement): void {
    if (sql.length > MOST_LETTERS / 4) return
    this.#statements.set(sql, statement)
    this.#letters += sql.length
    for (const oldest of this.#statements.keys()) {
      if (this.#letters <= MOST_LETTERS) return
      this.#statements.delete(oldest)
      this.#letters -= oldest.length
    }
  }

  #forgetAll(): void {
    this.#statements.clear()
    this.#letters = 0
  }
}
