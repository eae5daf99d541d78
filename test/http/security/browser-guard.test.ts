import { expect } from 'chai'
import type { IncomingMessage } from 'node:http'
import { isBorrowedPassword } from '../../../server/http/access/browser-guard.ts'

describe('isBorrowedPassword', () => {
  const sent = (authorization: string) => {
    const headers = { host: 'models.example', origin: 'https://wiki.example', cookie: 'slipway-token=x' }
    return { method: 'POST', headers: { ...headers, authorization } } as unknown as IncomingMessage
  }

  it('looks at the cookie beside what a browser sends to a proxy by itself', () => {
    expect(isBorrowedPassword(sent('Negotiate YII='))).to.equal(true)
    expect(isBorrowedPassword(sent('Bearer a-token'))).to.equal(false)
  })
})
