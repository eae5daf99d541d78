import { isIP } from 'node:net'
import { expect } from 'chai'
import { allowedAddresses, publicAddresses } from '../../server/outgoing/allowed-addresses.ts'

const of = (address: string) => [{ address, family: isIP(address.split('%')[0] ?? '') }]

describe('addresses on the public internet', () => {
  it('are those that anybody can have', () => {
    for (const address of [
      '8.8.8.8',
      '1.1.1.1',
      '2606:4700::1111',
      '::ffff:8.8.8.8',
      '172.32.0.1',
      '100.128.0.1',
    ]) {
      expect(publicAddresses(of(address)), address).to.have.length(1)
    }
  })

  it('are none that lie in a network of somebody, in a tunnel, or nowhere', () => {
    for (const address of [
      '10.1.2.3',
      '127.0.0.1',
      '169.254.169.254',
      '172.31.255.255',
      '192.168.0.1',
      '100.64.0.1',
      '0.0.0.0',
      '192.0.2.1',
      '198.51.100.1',
      '203.0.113.1',
      '224.0.0.1',
      '240.0.0.1',
      '255.255.255.255',
      '::',
      '::1',
      'fe80::1%eth0',
      'fc00::1',
      'fd00:ec2::254',
      'ff02::1',
      '64:ff9b::7f00:1',
      '::7f00:1',
      '::ffff:127.0.0.1',
      '::ffff:10.0.0.1',
      '2002:7f00:1::',
      '2001::1',
      '2001:db8::1',
      '3fff::1',
    ]) {
      expect(publicAddresses(of(address)), address).to.deep.equal([])
    }
  })

  it('are not asked for where the settings name the host, but for those of clouds', () => {
    expect(allowedAddresses(of('10.1.2.3'))).to.have.length(1)
    expect(allowedAddresses(of('::1'))).to.have.length(1)
    const embedded = (address: string, hex: string) => [
      `::ffff:${address}`,
      `::${address}`,
      `64:ff9b::${address}`,
      `64:ff9b:1::${address}`,
      `::ffff:0:${address}`,
      `2002:${hex}::`,
      `2002:${hex}:1::7`,
    ]
    for (const address of [
      '169.254.169.254',
      '100.100.100.200',
      '192.0.0.192',
      'fd00:ec2::254',
      ...embedded('169.254.169.254', 'a9fe:a9fe'),
      ...embedded('100.100.100.200', '6464:64c8'),
    ]) {
      expect(allowedAddresses(of(address)), address).to.deep.equal([])
    }
  })
})
