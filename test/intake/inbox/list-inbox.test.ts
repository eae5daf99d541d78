import { chmod, mkdir, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { expect } from 'chai'
import { listInbox } from '../../../server/intake/inbox/list-inbox.ts'
import { skipTest } from '../../support/skip-test.ts'
import { afterThisTest, temporaryDirectory } from '../../support/temporary-directory.ts'

/** Has the current test run without the rights of root, which may look into every folder. */
function withoutRootsRights(): boolean {
  const { seteuid } = process
  if (process.geteuid?.() !== 0) return true
  if (seteuid === undefined) return false
  seteuid(65_534)
  afterThisTest(() => {
    seteuid(0)
  })
  return true
}

describe('looking through the inbox', () => {
  it('leaves out what it may not look at, and takes the rest', async function () {
    const root = await temporaryDirectory()
    await chmod(root, 0o755)
    for (const model of ['closed', 'shop']) {
      await mkdir(path.join(root, model))
      await writeFile(path.join(root, model, 'x.tar.gz'), 'bytes')
    }
    // Its names can be read, and nothing else: a volume that belongs to another user, say.
    await chmod(path.join(root, 'closed'), 0o744)
    await chmod(path.join(root, 'shop'), 0o755)
    if (!withoutRootsRights()) skipTest(this, 'needs the right to give up rights')
    const { items, ignored } = await listInbox(root)
    expect(items.map(({ path: found }) => found)).to.deep.equal(['shop/x.tar.gz'])
    expect(ignored).to.deep.equal([{ path: 'closed/x.tar.gz', reason: 'it cannot be looked at (EACCES)' }])
  })
})
