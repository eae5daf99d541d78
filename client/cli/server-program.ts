import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { Command } from 'commander'
import { usageError } from './usage-error.ts'

/**
 * Adds a command that hands over to a program of the server, which reads its own arguments. The client is installed
 * without the server too, so the program is looked up when it is wanted, never imported.
 *
 * @param file Of the program, relative to the server's folder and without its extension.
 */
export function addServerProgram(program: Command, name: string, description: string, file: string): void {
  program
    .command(name)
    .description(description)
    .helpOption(false)
    .allowUnknownOption()
    .allowExcessArguments()
    .action(async () => {
      const main = serverProgram(file)
      process.argv.splice(2, 1)
      await import(main.href)
    })
}

/**
 * Finds a program of the server. Its extension is this file's own: compiled, it is another one.
 *
 * @throws PullFailure where the server is not installed.
 */
export function serverProgram(file: string): URL {
  const [extension = ''] = /\.\w+$/.exec(import.meta.url) ?? []
  const main = new URL(`../../server/${file}${extension}`, import.meta.url)
  if (!existsSync(fileURLToPath(main))) {
    throw usageError('the server is not installed here, only the client; npm install slipway installs both')
  }
  return main
}
