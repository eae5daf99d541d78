import { mkdir, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { expect } from 'chai'
import { isConnectionLost } from '../../server/catalog/postgres/postgres-error.ts'
import { rejection } from '../contracts/catalog-support.ts'
import { temporaryDirectory } from '../support/temporary-directory.ts'

describe('a failure beside a database', () => {
  it('is not taken for a lost connection where a file or the disk failed', async () => {
    const file = path.join(await temporaryDirectory(), 'a-file')
    await writeFile(file, '')
    expect(isConnectionLost(await rejection(mkdir(path.join(file, 'below'), { recursive: true })))).to.equal(
      false,
    )
    // Of a file that is open Node names no path.
    const full = Object.assign(new Error('no space left'), { code: 'ENOSPC', syscall: 'write', errno: -28 })
    expect(isConnectionLost(full)).to.equal(false)
  })

  it('is one where a socket failed, also that of a file', () => {
    for (const [code, syscall, more] of [
      ['ECONNRESET', 'read', {}],
      ['ENOENT', 'connect', { address: '/run/postgresql/.s.PGSQL.5432' }],
    ] as const) {
      const error = Object.assign(new Error(code), { code, syscall, errno: -1, ...more })
      expect(isConnectionLost(error), code).to.equal(true)
    }
  })
})
