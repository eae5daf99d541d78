import { expect } from 'chai'
import { IncomingMessage, ServerResponse } from 'node:http'
import { Socket } from 'node:net'
import type { OpenAccess } from '../../../server/access/open-access.ts'
import { createGate } from '../../../server/http/access/gate.ts'
import { GuessLimit } from '../../../server/http/access/guess-limit.ts'
import { Refused } from '../../../server/http/access/refused.ts'
import { RequestRate } from '../../../server/http/access/request-rate.ts'
import { aClock } from '../../support/manual-clock.ts'

const RIGHT = 'the-right-token'
const PRINCIPAL = { name: 'bots', token: 'bots' }
const OPEN: OpenAccess = {
  pulls: false,
  changes: false,
  pullsCloseWithToken: false,
  settings: { pull: false, admin: false },
}

/** A connection, and how often its peer's address was asked for. @param address undefined: the peer has gone. */
function aConnection(address: string | undefined) {
  let asked = 0
  const socket = Object.defineProperties(new Socket(), {
    remoteAddress: {
      get: () => {
        asked++
        return address
      },
    },
    localAddress: { value: '127.0.0.1' },
  })
  return { socket, asked: () => asked }
}

describe('the gate', () => {
  const clock = aClock()
  let guesses: GuessLimit

  beforeEach(() => {
    guesses = new GuessLimit(clock, 3)
  })

  const pass = ({ socket }: { socket: Socket }, token: string) => {
    const gate = createGate({
      authorize: (tokens) =>
        tokens.includes(RIGHT)
          ? { kind: 'granted', principal: PRINCIPAL, known: [RIGHT] }
          : { kind: 'unknown', known: [] },
      guesses,
      open: OPEN,
      trustsProxy: false,
      rate: new RequestRate(clock, 10),
    })
    const request = new IncomingMessage(socket)
    request.method = 'GET'
    request.url = `/models/shop?token=${token}`
    return gate(request, new ServerResponse(request), 'pull')
  }

  it('asks nobody where a right token comes from', () => {
    const connection = aConnection('192.0.2.1')
    expect(pass(connection, RIGHT)).to.deep.equal(PRINCIPAL)
    expect(connection.asked()).to.equal(0)
  })

  it('counts a wrong token for the address that it comes from', () => {
    for (const token of ['a', 'b', 'c']) pass(aConnection('192.0.2.1'), token)
    expect(pass(aConnection('192.0.2.1'), RIGHT)).to.be.instanceOf(Refused)
    expect(pass(aConnection('192.0.2.2'), RIGHT)).to.deep.equal(PRINCIPAL)
  })

  it('counts a wrong token of a peer that has gone for nobody', () => {
    for (const token of ['a', 'b', 'c']) pass(aConnection(undefined), token)
    expect(guesses.isQuiet).to.equal(true)
  })
})
