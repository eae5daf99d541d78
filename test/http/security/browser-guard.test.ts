import { expect } from 'chai'
import type { IncomingMessage } from 'node:http'
import { isBorrowedPassword } from '../../../server/http/access/browser-guard.ts'

describe('isBorrowedPassword', () => {
  const sent = (authorization: string) => {
    const cookie = '__Host-slipway-token=x'
    const headers = { host: 'models.example', origin: 'https://wiki.example', cookie, authorization }
    return { method: 'POST', headers, socket: {} } as unknown as IncomingMessage
  }

  it('looks at the cookie beside what a browser sends to a proxy by itself', () => {
    expect(isBorrowedPassword(sent('Negotiate YII='))).to.equal(true)
    expect(isBorrowedPassword(sent('Bearer a-token'))).to.equal(false)
  })
})
