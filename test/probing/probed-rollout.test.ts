import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect } from 'chai'
import { aFleetOn, PRODUCTION } from '../support/fleet-under-test.ts'
import { afterThisTest } from '../support/temporary-directory.ts'

describe('a rollout with probes', () => {
  it('asks each bot once it runs the release, and goes on when it answered rightly', async () => {
    const asked: (string | undefined)[] = []
    const rasa = createServer((request, response) => {
      asked.push(request.url)
      response.end(JSON.stringify({ intent: { name: 'greet', confidence: 0.9 } }))
    })
    rasa.listen(0, '127.0.0.1')
    await once(rasa, 'listening')
    afterThisTest(() => rasa.close())
    const { port } = rasa.address() as AddressInfo
    const probe = { url: `http://127.0.0.1:${port}/model/parse?of={bot}`, text: 'hello', intent: 'greet' }

    const { request, untilRollout } = await aFleetOn(2, { env: { SLIPWAY_PROBE_HOSTS: '127.0.0.1' } })
    const policy = { steps: [1, '100%'], probes: [probe] }
    const { status, body } = await request.put(PRODUCTION).send({ release: 2, policy })
    expect(status, JSON.stringify(body)).to.equal(200)
    const { steps } = await untilRollout('done')
    expect(steps.map(({ state }) => state)).to.deep.equal(['passed', 'passed'])
    expect(asked.toSorted()).to.deep.equal(['/model/parse?of=pod-1', '/model/parse?of=pod-2'])
  })

  it('is refused while no host is allowed, and the refusal names the field', async () => {
    const { request } = await aFleetOn(1)
    const policy = { probes: [{ url: 'http://{bot}.bots.svc:5005/status' }] }
    for (const send of [
      () => request.put(PRODUCTION).send({ release: 2, policy }),
      () => request.patch(PRODUCTION).send({ policy }),
    ]) {
      const { status, body } = await send()
      expect([status, body.code]).to.deep.equal([422, 'policy-invalid'])
      expect(body.detail).to.include('probes.0.url').and.include('SLIPWAY_PROBE_HOSTS')
    }
  })
})
