import path from 'node:path'
import { buildSite } from './build-site.ts'

const checkout = path.resolve(import.meta.dirname, '../..')
const target = path.join(checkout, 'dist/site')

console.log(`dist/site: ${await buildSite(checkout, target)} pages; open dist/site/index.html`)
