import { expect } from 'chai'
import { callSlipway } from '../../support/call-slipway.ts'
import { aServer } from '../../support/server-under-test.ts'

describe('slipway tags', function () {
  this.timeout(60_000)

  it('says on an empty server how the first tag comes, and prints nothing as JSON', async () => {
    const server = await aServer()
    const env = { SLIPWAY_URL: server.url }
    const { code, out } = await callSlipway(['tags'], { env })
    expect(code).to.equal(0)
    expect(out).to.include('the first archive that is published makes latest')
    expect((await callSlipway(['tags', '--json'], { env })).out).to.equal('')
  })
})
