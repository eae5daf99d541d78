/** Where Rasa is installed: a virtual environment. */
export function rasaFolder(): string {
  const folder = process.env['RASA_FOLDER']
  if (folder === undefined) throw new Error('RASA_FOLDER is not set: run these tests with scripts/test-rasa')
  return folder
}
