import { expect } from 'chai'
import { targetRefusal } from '../../server/webhooks/target-refusal.ts'

const ALLOWED = [
  'receiver.svc',
  '*.internal',
  '127.0.0.1',
  '10.0.0.7',
  '169.254.169.254',
  '[::1]',
  'localhost',
]

describe('the address of a webhook', () => {
  it('may be https on the public internet', () => {
    for (const url of [
      'https://hooks.slack.com/services/T/B/x',
      'https://8.8.8.8/',
      'https://[2606:4700::1]/',
    ]) {
      expect(targetRefusal(url, []), url).to.equal(undefined)
    }
  })

  it('is refused where it is no http address, or carries a password', () => {
    for (const url of [
      'ftp://example.com/',
      'example.com',
      'file:///etc/passwd',
      '',
      'https://u:p@example.com/',
    ]) {
      expect(targetRefusal(url, ALLOWED), url).to.be.a('string')
    }
  })

  it('is refused over http unless the settings name its host', () => {
    expect(targetRefusal('http://example.com/', [])).to.include('https').and.include('SLIPWAY_WEBHOOK_HOSTS')
    expect(targetRefusal('http://receiver.svc:8080/x', ALLOWED)).to.equal(undefined)
    expect(targetRefusal('http://a.internal/', ALLOWED)).to.equal(undefined)
    expect(targetRefusal('http://a.b.internal/', ALLOWED)).to.be.a('string')
  })

  it('is refused where it is private or this machine, however it is written', () => {
    for (const host of [
      '127.0.0.1',
      '127.1',
      '2130706433',
      '0x7f000001',
      '017700000001',
      'localhost',
      'a.localhost.',
      '10.0.0.7',
      '172.16.0.1',
      '192.168.1.1',
      '100.64.0.1',
      '198.18.0.1',
      '224.0.0.1',
      '255.255.255.255',
      '[::1]',
      '[fd00::1]',
      '[::ffff:10.0.0.1]',
      '[64:ff9b::a00:1]',
      '[2002:a00:1::]',
      '[2001:db8::1]',
    ]) {
      expect(targetRefusal(`https://${host}/`, []), host).to.be.a('string')
    }
  })

  it('may be private where the settings name it', () => {
    for (const host of ['127.0.0.1', '10.0.0.7', '[::1]', 'localhost', '2130706433']) {
      expect(targetRefusal(`https://${host}/`, ALLOWED), host).to.equal(undefined)
    }
  })

  it('is never one at which clouds serve credentials, whatever the settings name', () => {
    for (const host of [
      '169.254.169.254',
      '[fe80::1]',
      '[fd00:ec2::254]',
      '0.0.0.0',
      '[::ffff:169.254.169.254]',
      'metadata.google.internal',
      'metadata.google.internal.',
      'metadata.goog',
    ]) {
      expect(targetRefusal(`https://${host}/`, [...ALLOWED, host]), host).to.be.a('string')
    }
  })
})
