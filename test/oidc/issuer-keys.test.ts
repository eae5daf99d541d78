import { expect } from 'chai'
import { IssuerKeys } from '../../server/oidc/issuer-keys.ts'
import { eventually } from '../support/eventually.ts'
import { anIssuer } from '../support/oidc-issuer.ts'

describe('the keys of issuers', () => {
  it('are there for whose key is known while a slow issuer is asked for an invented one', async () => {
    const issuer = await anIssuer()
    let now = 0
    const keys = new IssuerKeys(
      () => now,
      () => undefined,
    )
    await keys.find(issuer.url, 'first')
    now += 60_000
    const asked = issuer.asked.length
    const { promise, resolve: answer } = Promise.withResolvers<undefined>()
    issuer.until = promise
    const invented = keys.find(issuer.url, 'invented')
    await eventually('the issuer is asked', () => issuer.asked.length > asked)
    expect((await keys.find(issuer.url, 'first')).keys).to.have.length(1)
    answer(undefined)
    await invented
  })
})
