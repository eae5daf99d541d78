import { writeFile } from 'node:fs/promises'
import path from 'node:path'
import { apiPages } from './api-pages.ts'

const docs = path.resolve(import.meta.dirname, '../../docs')

for (const [name, text] of Object.entries(apiPages())) {
  await writeFile(path.join(docs, name), text)
  console.log(`docs/${name}: ${Buffer.byteLength(text)} bytes`)
}
