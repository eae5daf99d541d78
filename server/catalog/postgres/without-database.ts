/** What a refusal says while the database is away. */
export const WITHOUT_DATABASE =
  'The database does not answer. Bots go on with what is known; nothing was changed, and nothing can be until it is back.'
