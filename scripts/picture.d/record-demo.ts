import { writeFile } from 'node:fs/promises'
import path from 'node:path'
import { checkout, runCommand } from '../checks/run-command.ts'
import { terminalPicture, type RecordedLine } from './terminal-picture.ts'

const { succeeded, output } = await runCommand([process.execPath, 'client/cli/main.ts', 'demo', '--json'])
if (!succeeded) throw new Error(`The demo failed:\n${output}`)
const lines = output
  .trim()
  .split('\n')
  .map((line) => JSON.parse(line) as RecordedLine)
await writeFile(path.join(checkout, 'docs/demo.svg'), terminalPicture('slipway demo', lines))
