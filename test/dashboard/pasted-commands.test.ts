import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { expect } from 'chai'
import { withCondition, withReason, type Action } from '../../dashboard/actions/action.ts'
import { changeDefaultTag, changeQuota } from '../../dashboard/actions/change-model.ts'
import { commandLine, curlCommand } from '../../dashboard/actions/command-line.ts'
import { editNotes } from '../../dashboard/actions/edit-notes.ts'
import { promote } from '../../dashboard/actions/promote.ts'
import { pruneReleases } from '../../dashboard/actions/prune-releases.ts'
import { steeringActions } from '../../dashboard/actions/steer-rollout.ts'
import { addWebhook } from '../../dashboard/actions/webhooks.ts'
import { BrowserApi } from '../../dashboard/api/browser-api.ts'
import type { Model } from '../../protocol/model.ts'
import { aFleetOn } from '../support/fleet-under-test.ts'
import { programPath } from '../support/program-path.ts'

const MAIN = programPath('client/cli/main.ts')

/** Text that a shell would take apart. */
const NASTY = 'it\'s "50 %" of $HOME; `ls` \\ *\nand a second line'

const ABORT = 'Abort: back to 1'
const QUOTA = { releases: 50, bytes: 3 * 1024 ** 3 }

/** Pastes a command into a shell that has the address of the server in its environment. Rejects where it fails. */
async function paste(command: string, url: string): Promise<void> {
  const script = `slipway() { ${process.execPath} ${MAIN} "$@"; }\n${command}`
  const env = { PATH: process.env['PATH'], SLIPWAY_URL: url }
  await promisify(execFile)('bash', ['--norc', '-c', script], { env })
}

/** What is copied out of a dialog that has opened. */
type Copied = (action: Action, root: string) => string | null

const KINDS: Readonly<Record<string, Copied>> = {
  curl: ({ call }, root) => curlCommand(call, root),
  slipway: ({ command }) => command && commandLine(command),
}

describe('what a dialog shows to be copied', function () {
  this.timeout(300_000)

  for (const [kind, copied] of Object.entries(KINDS)) {
    it(`does the same when it is pasted into a terminal: ${kind}`, async () => {
      const fleet = await aFleetOn(3, { env: { SLIPWAY_WEBHOOK_HOSTS: '127.0.0.1' } })
      const { url, request, lastRollout } = fleet
      const api = new BrowserApi(`${url}/`)
      const run = async (action: Action): Promise<void> => {
        await action.foresee?.(api)
        const opened = withCondition(withReason(action, NASTY), await action.readCondition?.(api))
        const command = copied(opened, `${url}/`)
        if (command !== null) await paste(command, url)
      }
      const policy = { steps: [1, 2, '100%'], soak: 3600 }
      await run(promote({ model: 'shop', tag: 'production', release: 2, policy }))
      expect(await lastRollout()).to.deep.include({ to: 2, startReason: NASTY })
      // Each command of slipway is a process of its own, half a second and more: those whose words differ most.
      const isCheap = kind === 'curl'
      for (const label of isCheap ? ['Pause', 'Resume', 'Advance', ABORT] : [ABORT]) {
        const found = steeringActions(await lastRollout()).find((action) => action.label === label)
        await run(found ?? expect.fail(`there is no ${label}`))
      }
      expect(await fleet.untilRollout('aborted')).to.include({ step: isCheap ? 1 : 0, reason: NASTY })

      const read = (): Promise<{ body: Model; entityTag: string | null }> =>
        api.getTagged('api/v1/models/shop')
      const { body: model, entityTag } = await read()
      await run(changeQuota({ model: 'shop', entityTag }, model, QUOTA))
      expect((await read()).body.quota).to.deep.equal(QUOTA)
      const webhook = { url: 'http://127.0.0.1:9/a?b=c&d', name: NASTY.slice(0, 30), models: ['shop'] }
      await run(addWebhook({ ...webhook, format: 'slack', events: ['tag.moved'] }))
      expect((await request.get('/api/v1/webhooks/1')).body).to.include({ name: webhook.name })
      if (isCheap) {
        await run(
          changeDefaultTag({ model: 'shop', entityTag: (await read()).entityTag }, 'latest', 'production'),
        )
        await run(pruneReleases('shop'))
        await run(editNotes('shop', 1, NASTY))
        expect((await request.get('/api/v1/models/shop/releases/1')).body.notes).to.equal(NASTY)
        expect((await read()).body.defaultTag).to.equal('production')
      }
    })
  }
})
