import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { expect } from 'chai'
import { steeringActions } from '../../../dashboard/actions/steer-rollout.ts'
import { rolloutPolicySchema } from '../../../protocol/rollout-policy.ts'
import { rolloutPreviewSchema } from '../../../protocol/rollout-preview.ts'
import { rolloutSchema, rolloutSummarySchema } from '../../../protocol/rollout.ts'
import { anArchive } from '../../support/archive-builder.ts'
import { callSlipway } from '../../support/call-slipway.ts'
import { aFleetOn, PRODUCTION, type FleetUnderTest } from '../../support/fleet-under-test.ts'
import { startFaultProxy } from '../../support/fault-proxy.ts'
import { programPath } from '../../support/program-path.ts'
import { runSlipway, type Ran } from '../../support/run-slipway.ts'
import { skipTest } from '../../support/skip-test.ts'
import { afterThisTest } from '../../support/temporary-directory.ts'

const TAG = 'shop@production'
const CANARY = ['--steps', '1,100%']

const MAIN = programPath('client/cli/main.ts')

/** Whether script(1) is there, which gives a command a terminal. */
function canOpenTerminal(): boolean {
  try {
    execFileSync('script', ['--version'], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

type Command = (...args: string[]) => Promise<Ran>

/** A fleet of three, with commands that are run against its server: `slipway` in this process, and `start` beside others. */
async function aFleet(): Promise<FleetUnderTest & { slipway: Command; start: Command }> {
  const fleet = await aFleetOn(3)
  const env = { SLIPWAY_URL: fleet.url }
  return {
    ...fleet,
    slipway: (...args) => callSlipway(args, { env }),
    start: (...args) => runSlipway(args, { env }),
  }
}

describe('slipway promote --reason', function () {
  this.timeout(60_000)

  it('stands in the history of the tag and with its rollout, also where steps moved the tag', async () => {
    const { slipway, whilePolling } = await aFleet()
    const why = 'passed the smoke test'
    const { code, error } = await whilePolling(
      slipway('promote', TAG, '2', ...CANARY, '--reason', why, '--wait'),
    )
    expect(code, error).to.equal(0)
    const { out: history } = await slipway('tags', TAG)
    expect(history).to.match(
      new RegExp(`  slipway +promoted by anonymous: ${why}; 1 bot of step 1 runs release 2$`, 'm'),
    )
    const { out: rollout } = await slipway('rollout', TAG)
    expect(rollout).to.match(new RegExp(`^started .* by anonymous \\(${why}\\), ended `, 'm'))
  })
})

describe('slipway promote --wait', function () {
  this.timeout(60_000)

  it('ends with 0 when the bots run the release, and shows how far it was', async () => {
    const { slipway, whilePolling } = await aFleet()
    const { code, out, error } = await whilePolling(slipway('promote', TAG, '2', ...CANARY, '--wait'))
    expect(code, error).to.equal(0)
    expect(out).to.equal(
      `${TAG} is release 1\nrelease 2 is being rolled out: slipway rollout ${TAG}\n` +
        `${TAG}: 3 of 3 bots run release 2\n`,
    )
    expect(error).to.match(/^step 1 of 2 running: \d of 3 bots run release 2/)
  })

  it('ends with 1 and the sentence when it was taken back', async () => {
    const { bots, digests, slipway, whilePolling } = await aFleet()
    for (const bot of bots) bot.unloadable.add(digests[2]!)
    const { code, error } = await whilePolling(slipway('promote', TAG, '2', ...CANARY, '--wait=60'))
    expect(code).to.equal(1)
    expect(error).to.match(
      /error: shop@production: release 2 (was|is being) taken back to release 1: 1 of 1 bots could not load release 2 \(pod-\d: 3 failed loads\)/,
    )
    const refused = await slipway('promote', TAG, '2')
    expect(refused.code).to.equal(10)
    expect(refused.error).to.include('taken back before')
    expect((await slipway('promote', TAG, '2', '--force')).code).to.equal(0)
  })

  it('ends with 1 when bots were left alone by a promotion that reaches all at once', async () => {
    const { bots, digests, slipway, whilePolling } = await aFleet()
    bots[0]!.unloadable.add(digests[2]!)
    const { code, error } = await whilePolling(slipway('promote', TAG, '2', '--wait', '--json'))
    expect(code).to.equal(1)
    expect(error).to.include(
      '1 of 3 bots could not load release 2 and were left alone (pod-1: 3 failed loads)',
    )
  })

  for (const [command, sentence] of [
    ['pause', 'the rollout of release 2 is paused: lunch'],
    ['abort', 'release 2 (was|is being) taken back to release 1: lunch'],
  ] as const) {
    it(`ends with 1 after ${command}, and says why`, async () => {
      const { slipway, start, whilePolling, untilRollout } = await aFleet()
      const waiting = start('promote', TAG, '2', ...CANARY, '--soak', '3000', '--wait')
      await untilRollout('running', 0)
      expect((await slipway('rollout', command, TAG, '--reason', 'lunch')).code).to.equal(0)
      const { code, error } = await whilePolling(waiting)
      expect(code).to.equal(1)
      expect(error).to.match(new RegExp(`error: ${TAG}: ${sentence}`))
      const help = `slipway rollout resume ${TAG}`
      expect(error.includes(help), error).to.equal(command === 'pause')
    })
  }

  it('ends with 1 when another promotion replaced it', async () => {
    const { slipway, start, whilePolling, untilRollout, publish } = await aFleet()
    await publish(anArchive())
    const waiting = start('promote', TAG, '2', ...CANARY, '--soak', '3000', '--wait')
    await untilRollout('running', 0)
    expect((await slipway('promote', TAG, '3', ...CANARY)).code).to.equal(0)
    const { code, error } = await whilePolling(waiting)
    expect(code).to.equal(1)
    expect(error).to.include('replaced by a promotion of release 3 by anonymous')
  })

  it('ends with 1 when somebody paused or aborted it', async () => {
    const { slipway, start, whilePolling, untilRollout } = await aFleet()
    // After a pause the same promotion would change nothing.
    for (const command of ['abort', 'pause']) {
      const waiting = start('promote', TAG, '2', ...CANARY, '--soak', '3000', '--wait')
      await untilRollout('running', 0)
      expect((await slipway('rollout', command, TAG, '--reason', 'not tonight')).code).to.equal(0)
      const { code, error } = await whilePolling(waiting)
      expect(code).to.equal(1)
      expect(error).to.include('not tonight')
    }
  })

  it('ends with 7 when time ran out first, and says how far it was', async () => {
    const { slipway } = await aFleet()
    const { code, error } = await slipway('promote', TAG, '2', ...CANARY, '--wait=1')
    expect(code).to.equal(7)
    expect(error).to.match(/after 1 s it is not over \(step 1 of 2 running: 0 of 3 bots run release 2/)
  })

  it('looks once more when the time is over, and takes times that are no whole milliseconds', async () => {
    const { slipway, whilePolling } = await aFleet()
    const { code, error } = await whilePolling(slipway('promote', TAG, '2', '--wait=1.0055'))
    expect(code, error).to.equal(0)
  })

  it('waits for a server that is away meanwhile', async () => {
    const { port, whilePolling, untilRollout } = await aFleet()
    const proxy = await startFaultProxy(port)
    afterThisTest(() => proxy.stop())
    const env = { SLIPWAY_URL: proxy.url }
    const waiting = runSlipway(['promote', TAG, '2', ...CANARY, '--soak', '60', '--wait'], { env })
    await untilRollout('running', 0)
    const text = 'HTTP/1.1 503 Away\r\nRetry-After: 600\r\nContent-Length: 0\r\n\r\n'
    proxy.inject({ kind: 'answer', text }, 2)
    const { code, error } = await whilePolling(waiting)
    expect(proxy.strikes()).to.equal(2)
    expect(code, error).to.equal(0)
    expect(error).to.include('503')
  })

  it('ends in time where the server is away, and says since when nothing is known', async () => {
    const { port, untilRollout } = await aFleet()
    const proxy = await startFaultProxy(port)
    afterThisTest(() => proxy.stop())
    const env = { SLIPWAY_URL: proxy.url }
    const waiting = runSlipway(['promote', TAG, '2', ...CANARY, '--soak', '60', '--wait=8'], { env })
    await untilRollout('running', 0)
    proxy.inject({ kind: 'refuse' })
    const { code, error } = await waiting
    expect(code, error).to.equal(7)
    expect(error).to.match(
      /after 8 s it is not known whether it is over: the server could not be asked for \d+ s \(before: /,
    )
  })

  it('shows how far it is in one line of a terminal, and leaves it clean', async function () {
    if (!canOpenTerminal()) skipTest(this, 'needs script(1) for a terminal')
    const { url, whilePolling } = await aFleet()
    const command = `'${process.execPath}' '${MAIN}' promote ${TAG} 2 --steps 1,100% --wait`
    const env = { ...process.env, SLIPWAY_URL: url }
    const child = spawn('script', ['-qefc', command, '/dev/null'], {
      env,
      stdio: ['pipe', 'pipe', 'inherit'],
    })
    afterThisTest(() => child.kill('SIGKILL'))
    let shown = ''
    child.stdout.on('data', (chunk: Buffer) => (shown += chunk.toString()))
    const [code] = await whilePolling(once(child, 'close') as Promise<[number]>)
    expect(code).to.equal(0)
    const [, ...lines] = shown.split('\r\u001b[K')
    expect(lines[0]).to.match(/^step 1 of 2 running: \d of 3 bots run release 2/)
    expect(lines.at(-1)).to.equal(`${TAG}: 3 of 3 bots run release 2\r\n`)
  })

  it('ends with 0 at once where the bots run it already', async () => {
    const { slipway } = await aFleet()
    expect((await slipway('promote', TAG, '1', '--wait')).code).to.equal(0)
  })

  it('prints the tag and, in the end, its rollout with --json', async () => {
    const { slipway, whilePolling } = await aFleet()
    const { code, out } = await whilePolling(slipway('promote', TAG, '2', '--wait', '--json'))
    expect(code).to.equal(0)
    const [tag, rollout] = out
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>)
    expect(tag).to.include({ tag: 'production', release: 2 })
    expect(rolloutSummarySchema.parse(rollout)).to.include({ state: 'done', to: 2 })
  })
})

describe('slipway promote --dry-run', () => {
  it('says how many bots each step would have, and changes nothing', async () => {
    const { slipway, request } = await aFleet()
    const args = ['promote', TAG, '2', '--steps', '1,50%,100%', '--soak', '600', '--dry-run']
    const { code, out } = await slipway(...args)
    expect(code).to.equal(0)
    expect(out).to.match(
      /nothing was changed\n.*600 s.*\n\nSTEP +TARGET +BOTS +NEW BOTS\n1 +1 +1 +drawn when it begins\n2 +50% +2 .*\n3 +100% +3 /,
    )
    const json = await slipway(...args, '--json')
    expect(rolloutPreviewSchema.parse(JSON.parse(json.out)).steps).to.have.length(3)
    expect((await request.get('/api/v1/models/shop/tags/production')).body).to.include({
      release: 1,
      rollout: null,
    })
    expect((await slipway(...args, '--wait')).code).to.equal(2)
  })

  it('says that nothing would happen, or that a rollout would be aborted, where that is so', async () => {
    const { slipway } = await aFleet()
    expect((await slipway('promote', TAG, '1', '--dry-run')).out).to.match(/would change nothing/)
    await slipway('promote', TAG, '2', '--steps', '1,100%', '--soak', '600')
    expect((await slipway('promote', TAG, '2', '--dry-run')).out).to.match(/would change nothing/)
    await slipway('rollout', 'pause', TAG)
    // Its server warns of that, and this is not to say the opposite.
    expect((await slipway('promote', TAG, '2', '--dry-run')).out).not.to.include('on its way')
    expect((await slipway('promote', TAG, '1', '--dry-run')).out).to.match(/would abort rollout \d+,/)
  })
})

describe('slipway rollback --wait', function () {
  this.timeout(60_000)

  it('ends with 0 when the bots run the release before', async () => {
    const { bots, digests, slipway, whilePolling } = await aFleet()
    expect((await whilePolling(slipway('promote', TAG, '2', '--wait'))).code).to.equal(0)
    const { code, error } = await whilePolling(slipway('rollback', TAG, '--wait'))
    expect(code, error).to.equal(0)
    expect(bots.every(({ digest }) => digest === digests[1])).to.equal(true)
  })

  it('ends with 0 when the rollout that it took back is over', async () => {
    const { bots, digests, pollAll, slipway, whilePolling } = await aFleet()
    await slipway('promote', TAG, '2', ...CANARY, '--soak', '3000')
    await pollAll()
    const { code, out } = await whilePolling(slipway('rollback', TAG, '--wait'))
    expect(code).to.equal(0)
    expect(out).to.include('release 2 was taken back')
    expect(bots.every(({ digest }) => digest === digests[1])).to.equal(true)
  })
})

describe('slipway policy', function () {
  this.timeout(60_000)

  it('shows, changes and resets how releases are brought out; what is not named stays', async () => {
    const { slipway } = await aFleet()
    const first = await slipway('policy', TAG)
    expect(first.out).to.include('a promotion reaches every bot at its next poll')
    expect((await slipway('policy', TAG, '--steps', '1,25%,100%', '--soak', '600')).code).to.equal(0)
    const more = ['--max-updating', '1', '--drain', '30', '--on-fail', 'pause', '--on-inconclusive', 'revert']
    const all = await slipway(
      ...['policy', TAG, ...more, '--tolerate', '0', '--attempts', '2', '--retry', '60', '--json'],
    )
    expect(rolloutPolicySchema.parse(JSON.parse(all.out))).to.include({
      soak: 600,
      maxUpdating: 1,
      drain: 30,
      onFail: 'pause',
      onInconclusive: 'revert',
      tolerate: 0,
      attempts: 2,
      retry: 60,
    })
    expect((await slipway('policy', TAG, '--max-updating', 'none', '--drain', '0')).out).to.match(
      /max-updating +none/,
    )
    expect((await slipway('policy', TAG, '--reset')).out).to.equal(first.out)
    expect((await slipway('policy', TAG, '--max-updating', '1', '--drain', '30')).out).to.include(
      'a promotion reaches the bots without steps, 1 at a time',
    )
    expect((await slipway('promote', TAG, '2', '--dry-run')).out).to.include(
      'at most 1 of them load at a time, each 30 s after its load balancer can know',
    )
  })

  it('keeps what somebody else changes at the same time', async () => {
    const { slipway, start } = await aFleet()
    const changes = [
      ['--soak', '600'],
      ['--attempts', '2'],
      ['--retry', '60'],
    ]
    await Promise.all(changes.map((change) => start('policy', TAG, ...change)))
    const { out } = await slipway('policy', TAG, '--json')
    expect(rolloutPolicySchema.parse(JSON.parse(out))).to.include({ soak: 600, attempts: 2, retry: 60 })
  })

  it('warns of a probe that asks the same address for each bot, as a dry run does', async () => {
    const { url } = await aFleetOn(1, { env: { SLIPWAY_PROBE_HOSTS: '*.bots.svc,gateway.example.com' } })
    const env = { SLIPWAY_URL: url }
    const probe = (address: string): string[] => ['--probe', JSON.stringify({ url: address, status: 200 })]
    const probes = [
      ...probe('http://{bot}.bots.svc:5005/status'),
      ...probe('https://gateway.example.com/check'),
    ]
    const warning =
      /^warning: the probe of https:\/\/gateway\.example\.com\/check asks the same address .*\n$/
    const { code, error } = await callSlipway(['policy', TAG, ...probes], { env })
    expect(code, error).to.equal(0)
    expect(error).to.match(warning)
    expect((await callSlipway(['promote', TAG, '2', '--dry-run'], { env })).error).to.match(warning)
  })

  it('ends with 8 for a policy that cannot work, naming the field, and with 2 for what is none', async () => {
    const { slipway } = await aFleet()
    const impossible = await slipway('policy', TAG, '--steps', '50%,25%,100%')
    expect(impossible.code).to.equal(8)
    expect(impossible.error).to.include(
      'step 2 is "25%", after "50%": each step must be more than the one before',
    )
    expect((await slipway('policy', TAG, '--steps', '1,50%')).error).to.include('step 2 is the last step')
    expect((await slipway('policy', TAG, '--deadline', '0')).error).to.include(
      'deadline must be a whole number of seconds from 1 to ',
    )
    expect((await slipway('promote', TAG, '2', '--drain', '9')).error).to.include('--max-updating')
    const probe = await slipway('policy', TAG, '--probe', '{"url": "http://{bot}:5005/status"}')
    expect([probe.code, probe.error]).to.deep.equal([8, probe.error])
    expect(probe.error).to.include('SLIPWAY_PROBE_HOSTS')
    for (const wrong of [
      ['--steps', 'all'],
      ['--probe', '{'],
      ['--on-fail', 'shrug'],
      ['--reset', '--soak', '1'],
    ]) {
      expect((await slipway('policy', TAG, ...wrong)).code, wrong.join(' ')).to.equal(2)
    }
    expect((await slipway('policy', 'shop@nowhere')).code).to.equal(9)
    expect((await slipway('policy', 'shop')).code).to.equal(2)
  })
})

describe('slipway rollout', function () {
  this.timeout(60_000)

  it('shows how far a tag is, and all of them', async () => {
    const { slipway, pollAll } = await aFleet()
    await slipway('promote', TAG, '2', ...CANARY)
    await pollAll(1)
    const one = await slipway('rollout', TAG)
    expect(one.out).to.match(
      /^shop@production: from release 1 to 2, running\n[^]*\nSTEP [^]*\n1 +1 +1 +running .* pod-\d\n2 +100% +3 +waiting /,
    )
    const all = await slipway('rollout')
    expect(all.out).to.match(/^MODEL@TAG [^]*\nshop@production +1 +2 +running +1 of 2 +\d of 3 /)
    const json = await slipway('rollout', 'shop', '--json')
    expect(
      json.out
        .trim()
        .split('\n')
        .map((line) => rolloutSummarySchema.parse(JSON.parse(line)).tag),
    ).to.include('production')
    expect((await slipway('rollout', 'shop@nowhere')).code).to.equal(9)
    expect((await slipway('rollout', 'Shop!')).code).to.equal(2)
  })

  it('keeps showing one until it ends', async () => {
    const { slipway, whilePolling } = await aFleet()
    await slipway('promote', TAG, '2', ...CANARY)
    const { code, out } = await whilePolling(slipway('rollout', TAG, '--watch'))
    expect(code).to.equal(0)
    expect(out).to.include('from release 1 to 2, done')
  })

  it('says that a step is soaking, and how long it still does', async () => {
    const { slipway, pollAll, lastRollout, judge, clock } = await aFleet()
    await slipway('promote', TAG, '2', ...CANARY, '--soak', '3000')
    const until = () => lastRollout().then(({ steps }) => steps.map(({ soakedUntil }) => soakedUntil ?? null))
    expect(await until()).to.deep.equal([null, null])
    await pollAll(2)
    await judge.judgeAll()
    const begun = clock.now()
    const [first, second] = await until()
    expect(Date.parse(first ?? '')).to.be.within(begun + 2_900_000, begun + 3_000_000)
    expect(second).to.equal(null)
    await pollAll(3)
    await judge.judgeAll()
    expect(await until()).to.deep.equal([first, null])
    expect((await slipway('rollout', TAG)).out).to.match(/\nstep 1 is soaking: \d+ s left\n/)
    await slipway('rollout', 'pause', TAG)
    expect(await until()).to.deep.equal([null, null])
  })

  it('passes the step that is named, and no other one, as the copied command of the dashboard does', async () => {
    const { request, slipway, untilRollout, lastRollout } = await aFleet()
    await request.put(PRODUCTION).send({ release: 2, policy: { steps: [1, 2, '100%'], soak: 3_600 } })
    await untilRollout('running', 0)
    const [, advance] = steeringActions(await lastRollout())
    const [program, ...args] = advance?.command ?? []
    const { id } = await lastRollout()
    expect([program, ...args].join(' ')).to.equal(`slipway rollout advance ${TAG} --rollout ${id} --step 1`)
    expect((await slipway(...args)).code).to.equal(0)
    // The same again: step 1 is over.
    expect((await slipway(...args)).code).to.equal(10)
    expect((await slipway('rollout', 'retry', TAG, '--step', '3')).code).to.equal(10)
    expect(await lastRollout()).to.include({ state: 'running', step: 1 })
  })

  it('does nothing to a later rollout of the tag than is named, nor to one of another tag', async () => {
    const { request, slipway, lastRollout, untilRollout, publish } = await aFleet()
    await slipway('promote', TAG, '2', ...CANARY, '--soak', '3000')
    const { id } = await lastRollout()
    await publish(anArchive())
    await slipway('promote', TAG, '3', ...CANARY, '--soak', '3000')
    await untilRollout('running', 0)
    const late = await slipway('rollout', 'advance', TAG, '--rollout', id)
    expect(late.code, late.error).to.equal(10)
    expect(await lastRollout()).to.include({ state: 'running', step: 0, to: 3 })
    await request.put('/api/v1/models/shop/tags/staging').send({ release: 1 })
    const other = await slipway('rollout', 'abort', 'shop@staging', '--rollout', (await lastRollout()).id)
    expect([other.code, other.error]).to.deep.equal([9, other.error])
    expect(other.error).to.include(TAG)
    expect(await lastRollout()).to.include({ state: 'running' })
  })

  it('does what it is told, and ends with 10 where its state does not allow it', async () => {
    const { slipway } = await aFleet()
    await slipway('promote', TAG, '2', ...CANARY)
    const paused = await slipway('rollout', 'pause', TAG, '--reason', 'lunch', '--json')
    expect(paused.code, paused.error).to.equal(0)
    expect(rolloutSchema.parse(JSON.parse(paused.out))).to.include({ state: 'paused', reason: 'lunch' })
    const again = await slipway('rollout', 'pause', TAG)
    expect(again.code).to.equal(10)
    expect((await slipway('rollout', 'resume', TAG)).out).to.include('running')
    expect((await slipway('rollout', 'retry', TAG)).code).to.equal(0)
    expect((await slipway('rollout', 'advance', TAG)).out).to.match(/\n1 +1 +1 +passed/)
    expect((await slipway('rollout', 'abort', TAG, '--now')).out).to.match(/, (reverting|aborted)\n/)
    expect((await slipway('rollout', 'pause', 'shop@nowhere')).code).to.equal(9)
    expect((await slipway('rollout', 'pause', TAG, '--now')).code).to.equal(2)
  })

  it('goes on without the bots of a step that failed where it is told to, and says that to resume is in vain', async () => {
    const { bots, digests, request, slipway, untilRollout, whilePolling } = await aFleet()
    for (const bot of bots) bot.unloadable.add(digests[2]!)
    const policy = { steps: [1, '100%'], onFail: 'pause' }
    await request.put(PRODUCTION).send({ release: 2, policy })
    await untilRollout('paused', 0)
    const advice = `slipway rollout advance ${TAG}`
    expect((await slipway('rollout', TAG)).out).to.match(
      new RegExp(`${advice} +go on without the bots that failed`),
    )
    const resumed = await slipway('rollout', 'resume', TAG)
    expect([resumed.code, resumed.out]).to.deep.equal([0, resumed.out])
    expect(resumed.error).to.include('warning: bots of step 1 failed').and.to.include(advice)
    const [canary] = (await untilRollout('paused', 0)).steps[0]!.members
    for (const { name, unloadable } of bots) if (name !== canary) unloadable.clear()
    expect((await slipway('rollout', 'advance', TAG)).code).to.equal(0)
    const done = await whilePolling(untilRollout('done'))
    expect(done.reason).to.equal(`2 bots of step 2 run release 2; passed over before: ${canary}`)
  })
})
