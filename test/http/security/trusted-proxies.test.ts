import { createServer, type IncomingMessage } from 'node:http'
import { expect } from 'chai'
import fc from 'fast-check'
import { SETTINGS } from '../../../server/config/settings.ts'
import { addressGroup } from '../../../server/fleet/address-group.ts'
import { createFindClient } from '../../../server/http/access/trusted-proxies.ts'
import { listenUntilTestEnds } from '../../support/listen-until-test-ends.ts'

/** The client of a request that came from 127.0.0.1, by a value of SLIPWAY_TRUST_PROXY. */
async function clientOf(setting: string, forwardedFor: string | undefined): Promise<string> {
  const trust = SETTINGS.SLIPWAY_TRUST_PROXY.schema.parse(setting)
  if (trust === undefined) throw new Error('no trust')
  const findClient = createFindClient(trust)
  const server = createServer((request: IncomingMessage, response) => response.end(findClient(request)))
  const port = await listenUntilTestEnds(server)
  const headers = forwardedFor === undefined ? {} : { 'X-Forwarded-For': forwardedFor }
  return (await fetch(`http://127.0.0.1:${port}/`, { headers })).text()
}

describe('the client behind trusted proxies', () => {
  const cases: [setting: string, forwardedFor: string | undefined, client: string][] = [
    ['1', undefined, '127.0.0.1'],
    ['1', '192.0.2.7', '192.0.2.7'],
    ['1', '203.0.113.1, 192.0.2.7', '192.0.2.7'],
    ['2', '203.0.113.1, 192.0.2.7', '203.0.113.1'],
    ['2', '192.0.2.7', '192.0.2.7'],
    ['1', '192.0.2.7:4711', '192.0.2.7'],
    ['1', '[2001:db8::7]:4711', '2001:db8::7'],
    ['1', '::ffff:192.0.2.7', '192.0.2.7'],
    ['1', 'unknown', '127.0.0.1'],
    ['1', '192.0.2.7, evil"; --', '127.0.0.1'],
    ['2', '203.0.113.1, nonsense, 192.0.2.7', '192.0.2.7'],
    ['127.0.0.1', '203.0.113.1, 192.0.2.7', '192.0.2.7'],
    ['127.0.0.0/8,192.0.2.0/24', '203.0.113.1, 192.0.2.7', '203.0.113.1'],
    ['127.0.0.0/8, 192.0.2.0/24', '192.0.2.8, 192.0.2.7', '192.0.2.8'],
    ['10.0.0.0/8', '192.0.2.7', '127.0.0.1'],
    ['::1', '192.0.2.7', '127.0.0.1'],
  ]
  for (const [setting, forwardedFor, client] of cases) {
    it(`is ${client} where ${setting} is trusted and X-Forwarded-For is ${forwardedFor ?? 'absent'}`, async () => {
      expect(await clientOf(setting, forwardedFor)).to.equal(client)
    })
  }

  it('takes a number of proxies, addresses and networks, and nothing else', () => {
    const { schema } = SETTINGS.SLIPWAY_TRUST_PROXY
    for (const right of ['1', '9', '10.0.0.1', '10.0.0.0/8', '::1,fd00::/8']) {
      expect(schema.safeParse(right).success, right).to.equal(true)
    }
    for (const wrong of [
      '0',
      '10',
      'true',
      'yes',
      'proxy',
      '10.0.0.0/33',
      '10.0.0.0/8/8',
      '::1/129',
      '1,',
      ',',
    ]) {
      expect(schema.safeParse(wrong).success, wrong).to.equal(false)
    }
  })
})

describe('what limits count by', () => {
  for (const [address, group] of [
    ['192.0.2.7', '192.0.2.7'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['2001:db8::7', '2001:db8:0:0::/64'],
    ['::1', '0:0:0:0::/64'],
    ['::ffff:192.0.2.7', '192.0.2.7'],
    ['fe80::1%eth0', 'fe80:0:0:0::/64'],
    ['', ''],
  ] as const) {
    it(`is ${group} for ${address}`, () => {
      expect(addressGroup(address)).to.equal(group)
    })
  }

  it('is the same for all addresses of a /64, and differs between them', () => {
    fc.assert(
      fc.property(fc.ipV6(), fc.ipV6(), (one, other) => {
        if (one.includes('.') || other.includes('.')) return
        const first = addressGroup(one)
        expect(addressGroup(`${first.slice(0, -5)}:1:2:3:4`)).to.equal(first)
        if (addressGroup(other) !== first) expect(one).to.not.equal(other)
      }),
    )
  })
})
