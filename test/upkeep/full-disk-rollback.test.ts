import { existsSync } from 'node:fs'
import { rm, statfs } from 'node:fs/promises'
import path from 'node:path'
import { expect } from 'chai'
import { anArchive } from '../support/archive-builder.ts'
import { eventually } from '../support/eventually.ts'
import { keptLog } from '../support/log-lines.ts'
import { skipTest } from '../support/skip-test.ts'
import { fillVolume, smallVolume } from '../support/small-volume.ts'
import { publishTo, serveFolder } from './data-server.ts'

const VOLUME_KIB = 16_384

interface TagAnswer {
  release: number
  rollout: { id: string } | null
}

describe('on a disk that is full to its last byte, the ballast makes way for', () => {
  let dataDir: string
  let filler: string
  let url: string
  let lines: ReturnType<typeof keptLog>['lines']
  let call: (method: string, address: string, body?: object) => Promise<{ status: number; body: TagAnswer }>

  beforeEach(async function () {
    const volume = (await smallVolume(VOLUME_KIB)) ?? skipTest(this, 'needs the right to mount')
    dataDir = path.join(volume, 'data')
    const { logger, lines: logged } = keptLog()
    lines = logged
    ;({ url } = await serveFolder(dataDir, {}, logger))
    call = async (method, address, body) => {
      const headers = { 'Content-Type': 'application/json' }
      const answer = await fetch(`${url}/api/v1/models/shop/${address}`, {
        ...{ method, headers },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      })
      return { status: answer.status, body: (answer.status === 204 ? {} : await answer.json()) as TagAnswer }
    }
    for (let number = 1; number <= 2; number++) await publishTo(url, anArchive())
    await call('PUT', 'tags/production', { release: 1 })
    await eventually('the ballast is there', () => existsSync(path.join(dataDir, 'ballast')))
  })

  async function fillTheDisk(): Promise<void> {
    filler = await fillVolume(path.dirname(dataDir), VOLUME_KIB)
  }

  it('a rollback', async () => {
    await fillTheDisk()
    const { status, body } = await call('POST', 'tags/latest/rollback')
    expect([status, body.release]).to.deep.equal([200, 1])
    expect(existsSync(path.join(dataDir, 'ballast'))).to.equal(false)
  })

  it('the abort of a rollout', async () => {
    const policy = { steps: [1, '100%'], soak: 600 }
    const { body: begun } = await call('PUT', 'tags/production', { release: 2, policy })
    await fillTheDisk()
    const { status } = await call('POST', `rollouts/${begun.rollout?.id ?? ''}/abort`)
    expect(status).to.equal(200)
  })

  it('a promotion back to what is stable, which aborts a rollout', async () => {
    await call('PUT', 'tags/production', { release: 2, policy: { steps: [1, '100%'], soak: 600 } })
    await fillTheDisk()
    expect((await call('PUT', 'tags/production', { release: 1 })).status).to.equal(200)
    expect(existsSync(path.join(dataDir, 'ballast'))).to.equal(false)
  })

  it('a rollback that was paused, and goes on', async () => {
    await call('PUT', 'tags/production', { release: 2 })
    await someBots()
    await eventually('they all run it', async () => {
      const { body } = await call('GET', 'tags/production')
      return body.rollout === null
    })
    const { body } = await call('POST', 'tags/production/rollback')
    const steer = (command: string) => call('POST', `rollouts/${body.rollout?.id ?? ''}/${command}`)
    expect((await steer('pause')).status).to.equal(200)
    await fillTheDisk()
    expect((await steer('resume')).status).to.equal(200)
  })

  it('what Slipway takes back by itself', async () => {
    const bots = await someBots()
    const pollAll = () => Promise.all(bots.map(({ letter, runs }) => fetched(letter, runs)))
    await call('PUT', 'tags/production', {
      release: 2,
      policy: { steps: ['100%'], soak: 600, attempts: 1, onFail: 'revert' },
    })
    await fillTheDisk()
    await eventually('release 1 is back', async () => {
      // What they are sent they cannot load: they ask with what they run again.
      await pollAll()
      const { body } = await call('GET', 'tags/production')
      return body.release === 1 && body.rollout === null
    })
  })

  it('the deletion of a tag, which may keep an archive from being pruned', async () => {
    await call('PUT', 'tags/old', { release: 1 })
    await fillTheDisk()
    expect((await call('DELETE', 'tags/old')).status).to.equal(204)
  })

  it('nothing that can wait, also once it is given up: the next rollback finds room', async () => {
    await fillTheDisk()
    expect((await call('POST', 'tags/latest/rollback')).status).to.equal(200)
    expect((await call('PUT', 'tags/production', { release: 2 })).status).to.equal(507)
    expect((await call('POST', 'tags/latest/rollback', { release: 2 })).status).to.equal(200)
  })

  it('nothing of what can wait where it is missing, as after a restart', async () => {
    await fillTheDisk()
    await rm(path.join(dataDir, 'ballast'))
    expect((await call('PUT', 'tags/production', { release: 2 })).status).to.equal(507)
    const published = publishTo(url, anArchive()).catch(String)
    expect(await published).to.include('507')
    const status = await (await fetch(`${url}/api/v1/status`)).text()
    expect(status).to.include('rollouts take no further step')
    const before = await freeBytes()
    const bots = await someBots()
    await eventually('what polls say cannot be written down', () =>
      lines.some(({ msg }) => msg === 'fleet_unsaved'),
    )
    expect(bots).to.have.length(3)
    expect(await freeBytes()).to.be.at.least(before)
    expect((await call('POST', 'tags/latest/rollback')).status).to.equal(200)
  })

  it('no promotion of what the tag is on its way to already', async () => {
    await someBots()
    await call('PUT', 'tags/production', { release: 2 })
    await fillTheDisk()
    await rm(path.join(dataDir, 'ballast'))
    const policy = { steps: [1, '100%'], soak: 600 }
    expect((await call('PUT', 'tags/production', { release: 2, policy })).status).to.equal(507)
  })

  it('no webhook', async () => {
    await fillTheDisk()
    await rm(path.join(dataDir, 'ballast'))
    const headers = { 'Content-Type': 'application/json' }
    const body = JSON.stringify({ name: 'pager', url: 'https://pager.example.com/' })
    const answer = await fetch(`${url}/api/v1/webhooks`, { method: 'POST', headers, body })
    expect([answer.status, (await answer.text()).includes('"disk-full"')]).to.deep.equal([507, true])
    // What was refused is not written down yet, and the audit can be read.
    expect((await fetch(`${url}/api/v1/audit`)).status).to.equal(200)
  })

  it('everything again once there is room', async () => {
    await fillTheDisk()
    expect((await call('POST', 'tags/latest/rollback')).status).to.equal(200)
    expect((await call('PUT', 'tags/production', { release: 2 })).status).to.equal(507)
    await rm(filler)
    expect((await call('PUT', 'tags/production', { release: 2 })).status).to.equal(200)
    expect(existsSync(path.join(dataDir, 'ballast'))).to.equal(true)
  })

  it('no promotion, nor a step that goes on by itself: a rollback after it would find no room', async () => {
    const bots = await someBots()
    await call('PUT', 'tags/production', { release: 2, policy: { steps: [1, '100%'] } })
    await fillTheDisk()
    expect((await call('PUT', 'tags/staging', { release: 2 })).status).to.equal(507)
    await eventually('the canary has loaded it, and the next step cannot be written down', async () => {
      for (const bot of bots) bot.runs = await fetched(bot.letter, bot.runs)
      return lines.some(({ msg }) => msg === 'rollout_unsaved')
    })
    expect(existsSync(path.join(dataDir, 'ballast'))).to.equal(true)
    expect((await call('POST', 'tags/production/rollback')).status).to.equal(200)
  })

  async function freeBytes(): Promise<number> {
    const { bavail, bsize } = await statfs(dataDir)
    return bavail * bsize
  }

  /** Three bots that run what production points at, and count as evidence. */
  async function someBots(): Promise<{ letter: string; runs: string }[]> {
    const bots = await Promise.all(
      ['a', 'b', 'c'].map(async (letter) => ({
        letter,
        runs: await fetched(letter, `${letter.repeat(12)}4${letter.repeat(3)}8${letter.repeat(15)}`),
      })),
    )
    for (const { letter, runs } of bots) await fetched(letter, runs)
    return bots
  }

  /** Polls as one process of a bot does. @returns the entity tag of what it is sent, or of what it has. */
  async function fetched(letter: string, runs: string): Promise<string> {
    const answer = await fetch(`${url}/models/shop@production?instance=bot-${letter}`, {
      headers: { 'If-None-Match': runs },
    })
    await answer.arrayBuffer()
    return answer.headers.get('etag') ?? runs
  }
})
