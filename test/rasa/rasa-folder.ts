/** The releases of Rasa that scripts/test-rasa installs, and the variable that names the virtual environment of each. */
const FOLDERS = { '3.6.21': 'RASA_FOLDER', '2.8.34': 'RASA_2_FOLDER' } as const

export type RasaRelease = keyof typeof FOLDERS

/** Where a release of Rasa is installed: a virtual environment. */
export function rasaFolder(release: RasaRelease = '3.6.21'): string {
  const folder = process.env[FOLDERS[release]]
  if (folder === undefined)
    throw new Error(`${FOLDERS[release]} is not set: run these tests with scripts/test-rasa`)
  return folder
}

/** Whether a release of Rasa is installed. 2.8 asks for Python 3.8, which few machines have. */
export function hasRasa(release: RasaRelease): boolean {
  return process.env[FOLDERS[release]] !== undefined
}
