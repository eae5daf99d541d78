import { access, glob, readFile } from 'node:fs/promises'
import path from 'node:path'
import { expect } from 'chai'
import { parse } from 'yaml'

const CHECKOUT = path.resolve(import.meta.dirname, '../..')

interface Workflow {
  permissions?: Record<string, string>
  jobs: Record<
    string,
    {
      uses?: string
      permissions?: Record<string, string>
      steps?: { uses?: string; run?: string; with?: Record<string, unknown> }[]
    }
  >
}

describe('the workflows of GitHub', () => {
  it('grant nothing but reading unless a job says so, and call programs that are there', async () => {
    for await (const file of glob('.github/workflows/*.yml', { cwd: CHECKOUT })) {
      const workflow = parse(await readFile(path.join(CHECKOUT, file), 'utf8')) as Workflow
      expect(workflow.permissions, file).to.deep.equal({ contents: 'read' })
      const commands = Object.values(workflow.jobs).flatMap(({ steps = [] }) =>
        steps.map(({ run = '' }) => run),
      )
      for (const [program] of commands.join('\n').matchAll(/(?<![\w.-])(?:scripts|test)\/[\w./-]*\w/g)) {
        await access(path.join(CHECKOUT, program))
      }
    }
  })

  it('call actions by the commit, which nobody can move, with its version beside it', async () => {
    for await (const file of glob('.github/workflows/*.yml', { cwd: CHECKOUT })) {
      const text = await readFile(path.join(CHECKOUT, file), 'utf8')
      for (const [, action = ''] of text.matchAll(/uses: (?!\.\/)(.*)$/gm)) {
        expect(action, file).to.match(/^[\w-]+\/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/)
      }
    }
  })

  it('put nothing from outside into a shell but by its environment, and publish from no cache', async () => {
    for await (const file of glob('.github/workflows/*.yml', { cwd: CHECKOUT })) {
      const { jobs } = parse(await readFile(path.join(CHECKOUT, file), 'utf8')) as Workflow
      for (const [name, { permissions = {}, steps = [] }] of Object.entries(jobs)) {
        const canPublish = Object.values(permissions).includes('write')
        for (const { uses = '', run = '', with: inputs = {} } of steps) {
          expect(run, `${file}: ${name}`).not.to.include('${{')
          if (!canPublish) continue
          expect(uses, `${file}: ${name}`).not.to.match(/^actions\/cache@/)
          if (uses.startsWith('actions/setup-node@'))
            expect(inputs, `${file}: ${name}`).to.deep.include({ 'package-manager-cache': false })
        }
      }
    }
  })

  it('have a form for bugs that names every way to install it', async () => {
    const form = await readFile(path.join(CHECKOUT, '.github/ISSUE_TEMPLATE/bug.yml'), 'utf8')
    for (const way of ['npm', 'container image', 'Helm chart', 'checkout']) expect(form).to.include(way)
    for await (const file of glob('.github/**/*.yml', { cwd: CHECKOUT })) {
      expect(parse(await readFile(path.join(CHECKOUT, file), 'utf8')), file).to.be.an('object')
    }
  })
})
