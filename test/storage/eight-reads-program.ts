// Run by read-memory.test.ts in a process of its own: reads one object eight times at once and prints how many bytes
// the process grew by over idle. Arguments: the root of a FilesystemStore and a key.
import { FilesystemStore } from '../../storage/filesystem/filesystem-store.ts'

const [root = '', key = ''] = process.argv.slice(2)
const store = new FilesystemStore(root)
const idle = process.memoryUsage.rss()
let most = idle

async function readAll(): Promise<void> {
  const object = await store.open(key)
  let bytes = 0
  for await (const chunk of object.chunks) {
    bytes += chunk.byteLength
    most = Math.max(most, process.memoryUsage.rss())
  }
  await object.close()
  if (bytes !== object.size) throw new Error('the object came short')
}

await Promise.all(Array.from({ length: 8 }, readAll))
process.stdout.write(String(most - idle))
