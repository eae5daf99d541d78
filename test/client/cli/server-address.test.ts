import { writeFile } from 'node:fs/promises'
import path from 'node:path'
import { expect } from 'chai'
import { serverAddress } from '../../../client/cli/server-address.ts'
import { temporaryDirectory } from '../../support/temporary-directory.ts'

describe('the server that commands talk to', () => {
  it('is the local one without a token, unless the environment names another', () => {
    expect(serverAddress({})).to.deep.equal({ url: new URL('http://127.0.0.1:5080/'), token: undefined })
    const { url, token } = serverAddress({
      SLIPWAY_URL: 'https://example.com/models',
      SLIPWAY_TOKEN: 'secret',
    })
    expect([url.href, token]).to.deep.equal(['https://example.com/models/', 'secret'])
  })

  it('gets the token of a file, without the line end', async () => {
    const file = path.join(await temporaryDirectory(), 'token')
    await writeFile(file, 'secret-of-a-file\n')
    expect(serverAddress({ SLIPWAY_TOKEN_FILE: file }).token).to.equal('secret-of-a-file')
  })

  it('is refused where the token cannot be told, and no token is shown', async () => {
    const folder = await temporaryDirectory()
    await writeFile(path.join(folder, 'empty'), '\n')
    const both = { SLIPWAY_TOKEN: 'hidden', SLIPWAY_TOKEN_FILE: path.join(folder, 'empty') }
    for (const [environment, message] of [
      [both, /both set/],
      [{ SLIPWAY_TOKEN_FILE: path.join(folder, 'empty') }, /is empty/],
      [{ SLIPWAY_TOKEN_FILE: path.join(folder, 'none') }, /cannot be read/],
    ] as const)
      expect(() => serverAddress(environment))
        .to.throw(message)
        .with.property('message')
        .not.include('hidden')
  })
})
