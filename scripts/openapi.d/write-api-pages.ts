import { mkdir, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { apiPages } from './api-pages.ts'

const docs = path.resolve(import.meta.dirname, '../../docs')

for (const [name, text] of Object.entries(await apiPages())) {
  const file = path.join(docs, name)
  await mkdir(path.dirname(file), { recursive: true })
  await writeFile(file, text)
  console.log(`docs/${name}: ${Buffer.byteLength(text)} bytes`)
}
