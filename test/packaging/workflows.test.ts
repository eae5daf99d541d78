import { access, glob, readFile } from 'node:fs/promises'
import path from 'node:path'
import { expect } from 'chai'
import { parse } from 'yaml'

const CHECKOUT = path.resolve(import.meta.dirname, '../..')

interface Workflow {
  permissions?: Record<string, string>
  jobs: Record<string, { uses?: string; steps?: { uses?: string; run?: string }[] }>
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

  it('have a form for bugs that names every way to install it', async () => {
    const form = await readFile(path.join(CHECKOUT, '.github/ISSUE_TEMPLATE/bug.yml'), 'utf8')
    for (const way of ['npm', 'container image', 'Helm chart', 'checkout']) expect(form).to.include(way)
    for await (const file of glob('.github/**/*.yml', { cwd: CHECKOUT })) {
      expect(parse(await readFile(path.join(CHECKOUT, file), 'utf8')), file).to.be.an('object')
    }
  })
})
