import { writeLayers } from './layers.ts'

// Called by deploy/Dockerfile.
const [target] = process.argv.slice(2)
if (target === undefined) throw new Error('usage: write-layers.ts DIR')
await writeLayers(target)
