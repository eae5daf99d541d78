import { writeFile } from 'node:fs/promises'
import path from 'node:path'
import { expect } from 'chai'
import type { AuditEntry } from '../../../protocol/audit.ts'
import { anArchive } from '../../support/archive-builder.ts'
import { callSlipway } from '../../support/call-slipway.ts'
import { aServer } from '../../support/server-under-test.ts'
import { temporaryDirectory } from '../../support/temporary-directory.ts'

describe('slipway audit', function () {
  this.timeout(60_000)
  let env: Record<string, string>
  let folder: string

  beforeEach(async () => {
    const server = await aServer({ publishToken: 'the-publish-token', pullToken: 'the-pull-token' })
    await server.publish(anArchive(), { query: 'tag=production' })
    env = { SLIPWAY_URL: server.url, SLIPWAY_TOKEN: 'the-publish-token' }
    folder = await temporaryDirectory()
  })

  const slipway = (...args: string[]) => callSlipway(['audit', ...args], { env })

  it('shows who did what, a line each', async () => {
    const { code, out } = await slipway()
    expect(code).to.equal(0)
    const [published, moved] = out.split('\n')
    expect(published).to.match(
      /^2026-12-01 08:00:00Z {2}publish-token \(127\.0\.0\.1\) {2}published a release shop/,
    )
    expect(moved).to.include('moved the tag shop@latest').and.include('release 1')
  })

  it('shows moments as people read them, and as they were kept in JSON', async () => {
    const token = ['token', 'create', 'ci', '--allow', 'publish:*', '--expires', '90d']
    expect((await callSlipway(token, { env })).code).to.equal(0)
    const { out } = await slipway()
    const created = out.split('\n').find((line) => line.includes('made a token'))
    expect(created).to.match(
      /expiresAt "\d{4}-\d\d-\d\d \d\d:\d\d:\d\dZ"|expiresAt \d{4}-\d\d-\d\d \d\d:\d\d:\d\dZ/,
    )
    expect((await slipway('--json')).out).to.match(/"expiresAt":\d{13}/)
  })

  it('--since shows what came from then on', async () => {
    expect((await slipway('--since', '2027-01-01T00:00:00Z')).out).to.equal('')
    expect((await slipway('--since', '2026-12-01')).out).to.include('published a release')
    expect(await slipway('--since', 'yesterday')).to.include({ code: 2 })
  })

  it('verify says that the audit is whole, and what to compare it with later', async () => {
    const { code, out } = await slipway('verify')
    expect(code, out).to.equal(0)
    const [, head = ''] = /the last is (\d+:[0-9a-f]{64})/.exec(out) ?? []
    expect(await slipway('verify', '--head', head)).to.include({ code: 0 })
    const [sequence = ''] = head.split(':')
    const other = await slipway('verify', '--head', `${sequence}:${'0'.repeat(64)}`)
    expect(other.code).to.equal(4)
    expect(other.out).to.include('another one than was seen before')
    const beyond = await slipway('verify', '--head', `${Number(sequence) + 1}:${'0'.repeat(64)}`)
    expect([beyond.code, beyond.out.includes('missing')]).to.deep.equal([4, true])
  })

  it('verify FILE finds what was changed, taken out or moved in an export', async () => {
    const file = path.join(folder, 'audit.jsonl')
    const { out } = await slipway('--json')
    await writeFile(file, out)
    expect(JSON.parse((await slipway('verify', file, '--json')).out)).to.include({ whole: true, fault: null })
    const lines = out.trimEnd().split('\n')
    const spoilt: [string, string][] = [
      ['a change', out.replace('publish-token', 'somebody-else')],
      ['an entry that is missing', [...lines.slice(0, 1), ...lines.slice(2)].join('\n')],
      ['two that changed places', [lines[1], lines[0], ...lines.slice(2)].join('\n')],
      ['no beginning', lines.slice(1).join('\n')],
      ['no JSON', `${out}x\n`],
      ['another spelling of the same', out.replace('"sequence":1,', '"sequence":1.0,')],
    ]
    for (const [what, text] of spoilt) {
      await writeFile(file, text)
      const found = await slipway('verify', file, '--json')
      expect([found.code, (JSON.parse(found.out) as { whole: boolean }).whole], what).to.deep.equal([
        4,
        false,
      ])
    }
  })

  it('--json is an export that has every entry', async () => {
    const entries = (await slipway('--json')).out
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as AuditEntry)
    expect(entries.map(({ sequence }) => sequence)).to.deep.equal(entries.map((_, index) => index + 1))
  })

  it('says where a file cannot be read', async () => {
    expect(await slipway('verify', path.join(folder, 'nowhere.jsonl'))).to.include({ code: 3 })
  })
})
