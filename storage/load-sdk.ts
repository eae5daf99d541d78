import { StoreMisconfigured } from './object-store.ts'

/**
 * Loads the library of a cloud. The client is installed without them, as most need none of the three.
 *
 * @param name Of the package.
 * @param load Imports it.
 * @throws StoreMisconfigured that says how to install it where it is not installed.
 */
export async function loadSdk<Sdk>(name: string, load: () => Promise<Sdk>): Promise<Sdk> {
  try {
    return await load()
  } catch (cause) {
    if (!isMissing(cause, name)) throw cause
    throw new StoreMisconfigured(
      `the package ${name} is not installed here, and this storage needs it: npm install ${name}`,
      { cause },
    )
  }
}

/** Whether it is this package that is missing, and not one that it depends on itself. */
function isMissing(error: unknown, name: string): boolean {
  return (
    error instanceof Error &&
    'code' in error &&
    error.code === 'ERR_MODULE_NOT_FOUND' &&
    error.message.includes(`'${name}'`)
  )
}
