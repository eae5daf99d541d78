import { expect } from 'chai'
import { mkdir } from 'node:fs/promises'
import path from 'node:path'
import { startChild } from './child.ts'
import { rasaFolder } from './rasa-folder.ts'
import { startSlipway } from './slipway-server.ts'
import { endSuite, suiteFolder } from './suite-end.ts'
import { until } from './until.ts'

/** As `rasa init` and `rasa train` do it, but with one epoch for a hundred: what is learned is not looked at. */
const makeProject = `
from pathlib import Path
import rasa.engine.recipes.config_files as stock
from rasa.cli.scaffold import create_initial_project
create_initial_project(".")
config = Path(stock.__path__[0], "default_config.yml").read_text()
Path("config.yml").write_text(config.replace("epochs: 100", "epochs: 1"))
`

describe('rasa train', function () {
  this.timeout(1_800_000)
  after(endSuite)

  it('publishes through the inbox what it writes there, in a project as rasa init makes it, without a warning', async () => {
    const folder = await suiteFolder()
    const server = await startSlipway(path.join(folder, 'server'))
    const project = path.join(folder, 'project')
    await mkdir(project)
    await run(project, 'python', '-c', makeProject)
    await run(project, 'rasa', 'train', '--out', path.join(folder, 'server/models'))
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

async function run(folder: string, program: 'python' | 'rasa', ...parameters: string[]): Promise<void> {
  const child = startChild(path.join(rasaFolder(), 'bin', program), parameters, {
    folder,
    env: {
      RASA_TELEMETRY_ENABLED: 'false',
      SQLALCHEMY_SILENCE_UBER_WARNING: '1',
      TF_CPP_MIN_LOG_LEVEL: '3',
    },
  })
  await child.ended
  expect(child.exitCode(), child.output()).to.equal(0)
}
