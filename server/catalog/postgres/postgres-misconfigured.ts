/** DATABASE_URL names something that this server must not or cannot use; the message says what to do. */
export class PostgresMisconfigured extends Error {
  override readonly name = 'PostgresMisconfigured'
}
