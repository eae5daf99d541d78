import { rename } from 'node:fs/promises'
import { expect } from 'chai'
import { anArchive } from '../support/archive-builder.ts'
import { aServer } from '../support/server-under-test.ts'

describe('a data directory that is gone while the server runs', () => {
  it('takes no change, says so as ready for pulls alone, and goes on once it is back', async () => {
    const server = await aServer()
    await server.publish(anArchive())
    await rename(server.dataDir, `${server.dataDir}-away`)
    const refused = await server.request.post('/models/shop').send(anArchive())
    expect([refused.status, refused.body.code]).to.deep.equal([503, 'storage-unavailable'])
    const patched = await server.request.patch('/api/v1/models/shop').send({ defaultTag: 'latest' })
    expect([patched.status, patched.body.code]).to.deep.equal([503, 'catalog-unavailable'])
    expect((await server.request.get('/readyz')).body).to.include({ pulls: true, writes: false })
    await rename(`${server.dataDir}-away`, server.dataDir)
  })
})
