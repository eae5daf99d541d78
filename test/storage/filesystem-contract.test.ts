import path from 'node:path'
import { FilesystemStore } from '../../storage/filesystem/filesystem-store.ts'
import { describeObjectStore } from '../contracts/object-store.ts'
import { temporaryDirectory } from '../support/temporary-directory.ts'

describeObjectStore('FilesystemStore', async () => ({
  store: new FilesystemStore(path.join(await temporaryDirectory(), 'made', 'when', 'needed')),
}))
