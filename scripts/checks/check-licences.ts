import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { checkout } from './run-command.ts'

/** Licences under which what we ship may contain others' work: they ask for their text to go along, or for nothing. */
const PERMISSIVE = [
  '0BSD',
  'Apache-2.0',
  'BSD-2-Clause',
  'BSD-3-Clause',
  'BlueOak-1.0.0',
  'ISC',
  'MIT',
  'Unlicense',
]

/** Packages whose package.json names none; looked up in the LICENSE file that they carry. */
const READ_BY_HAND: Record<string, string> = { busboy: 'MIT', streamsearch: 'MIT' }

interface Lock {
  packages: Record<string, { dev?: boolean; license?: string }>
}

const lock = JSON.parse(await readFile(path.join(checkout, 'package-lock.json'), 'utf8')) as Lock
const refused = Object.entries(lock.packages)
  .filter(([folder, { dev }]) => folder !== '' && dev !== true)
  .map(([folder, { license }]) => {
    const name = folder.slice(folder.lastIndexOf('node_modules/') + 'node_modules/'.length)
    return { name, licence: license ?? READ_BY_HAND[name] ?? 'none' }
  })
  .filter(({ licence }) => !PERMISSIVE.includes(licence))
for (const { name, licence } of refused)
  console.log(`${name}: its licence, ${licence}, is none that we may ship under`)
if (refused.length > 0) process.exitCode = 1
