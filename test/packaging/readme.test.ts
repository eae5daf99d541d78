import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { expect } from 'chai'
import { callSlipway } from '../support/call-slipway.ts'

const CHECKOUT = path.resolve(import.meta.dirname, '../..')

describe('the commands that the documentation shows', function () {
  this.timeout(120_000)

  it('are commands that there are', async () => {
    const { out: help } = await callSlipway(['--help'])
    for (const file of ['README.md', 'docs/install.md', 'docs/container.md', 'docs/ci.md', 'docs/cli.md']) {
      const text = await readFile(path.join(CHECKOUT, file), 'utf8')
      for (const [line, command = ''] of text.matchAll(
        /^(?: {4})?(?:npx |scripts\/)?slipway(?:-client)? ([a-z]+)\b.*$/gm,
      )) {
        expect(help, `${file}: ${line}`).to.match(new RegExp(`^ {2}${command}\\b`, 'm'))
      }
    }
  })

  it('name files that there are', async () => {
    for (const file of [
      'README.md',
      'docs/install.md',
      'docs/container.md',
      'docs/kubernetes.md',
      'docs/ci.md',
    ]) {
      const text = await readFile(path.join(CHECKOUT, file), 'utf8')
      for (const [, target = ''] of text.matchAll(/\]\((?!https?:)([^)#]+)(?:#[^)]*)?\)/g)) {
        await readFile(path.join(CHECKOUT, path.dirname(file), target)).catch((error: unknown) => {
          if ((error as NodeJS.ErrnoException).code !== 'EISDIR')
            expect.fail(`${file} links to ${target}, which is not there`)
        })
      }
    }
  })
})
