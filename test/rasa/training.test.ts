import { expect } from 'chai'
import { mkdir } from 'node:fs/promises'
import path from 'node:path'
import { startChild } from './child.ts'
import { rasaFolder } from './rasa-folder.ts'
import { startSlipway } from './slipway-server.ts'
import { endSuite, suiteFolder } from './suite-end.ts'
import { until } from './until.ts'

describe('rasa train', () => {
  after(endSuite)

  it('publishes through the inbox what it writes there, in a project as rasa init makes it, without a warning', async () => {
    const folder = await suiteFolder()
    const server = await startSlipway(path.join(folder, 'server'))
    const rasa = path.join(rasaFolder(), 'bin/rasa')
    const env = {
      RASA_TELEMETRY_ENABLED: 'false',
      SQLALCHEMY_SILENCE_UBER_WARNING: '1',
      TF_CPP_MIN_LOG_LEVEL: '3',
    }
    const project = path.join(folder, 'project')
    await mkdir(project)
    const run = async (...parameters: string[]): Promise<void> => {
      const program = startChild('nice', ['-n', '10', rasa, ...parameters], { folder: project, env })
      await program.ended
      expect(program.exitCode(), program.output()).to.equal(0)
    }
    // It trains, too: what follows takes the networks from its cache.
    await run('init', '--no-prompt')
    await run('train', '--out', path.join(folder, 'server/models'))
    const release = await until('a release is published', 60, async () => {
      const answer = await fetch(`${server.url}/api/v1/models/default/releases/1`)
      return answer.ok && ((await answer.json()) as Release)
    })
    expect(release.publishedBy).to.equal('inbox')
    expect(release.archive.warnings).to.be.empty
    expect(release.archive.pipeline).to.include('DIETClassifier')
  })
})

interface Release {
  publishedBy: string
  archive: { warnings: unknown[]; pipeline: string[] }
}
