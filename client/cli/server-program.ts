import type { Command } from 'commander'
import { usageError } from './usage-error.ts'

/**
 * Adds a command that hands over to a program of the server, which reads its own arguments. The puller is installed
 * without the server too, so the program is looked up when it is wanted, never imported.
 *
 * @param file Of the program, relative to the server's folder and without its extension: compiled, it is another one.
 */
export function addServerProgram(program: Command, name: string, description: string, file: string): void {
  program
    .command(name)
    .description(description)
    .helpOption(false)
    .allowUnknownOption()
    .allowExcessArguments()
    .action(async () => {
      const [extension = ''] = /\.\w+$/.exec(import.meta.url) ?? []
      const main = new URL(`../../server/${file}${extension}`, import.meta.url)
      try {
        import.meta.resolve(main.href)
        process.argv.splice(2, 1)
        await import(main.href)
      } catch (error) {
        if (isMissing(error, main))
          throw usageError(
            'the server is not installed here: this is the client alone; npm install slipway brings both',
          )
        throw error
      }
    })
}

function isMissing(error: unknown, main: URL): boolean {
  if (!(error instanceof Error) || !('code' in error) || error.code !== 'ERR_MODULE_NOT_FOUND') return false
  return !('url' in error) || error.url === main.href
}
