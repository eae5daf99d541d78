import { readFile } from 'node:fs/promises'
import { expect } from 'chai'
import { ARCHIVE_MUTATIONS } from '../support/archive-mutations.ts'
import { inspect, outcomeOf } from './inspect.ts'

const FIXTURES = new URL('../fixtures/archives/matrix/', import.meta.url)

/** What Rasa 3.6.21 made of each archive and of its mutations; recorded by test/rasa/matrix/record-verdicts-program.ts. */
const verdicts = JSON.parse(await readFile(new URL('verdicts.json', FIXTURES), 'utf8')) as Record<
  string,
  Record<string, 'sound' | 'unloadable' | 'unusable'>
>

/** What the inspection says: refused, or accepted with or without a warning that something is missing. */
async function outcome(archive: Uint8Array): Promise<'refused' | 'warned' | 'accepted'> {
  if ((await outcomeOf(inspect(archive))) !== 'accepted') return 'refused'
  const { warnings } = await inspect(archive)
  return warnings.some(({ code }) => code === 'component-missing') ? 'warned' : 'accepted'
}

describe('archives whose truth Rasa has told', () => {
  for (const [pipeline, expected] of Object.entries(verdicts)) {
    it(`judges ${pipeline} and its mutations as Rasa does`, async () => {
      const trained = await readFile(new URL(`${pipeline}.tar.gz`, FIXTURES))
      expect(expected['as it was trained']).to.equal('sound')
      expect(await outcome(trained), 'as it was trained').not.to.equal('refused')
      for (const { name, harmless, ...mutation } of ARCHIVE_MUTATIONS) {
        const archive = mutation.apply(trained)
        if (!archive) continue
        const said = await outcome(archive)
        if (harmless && expected[name] === 'sound') expect(said, name).not.to.equal('refused')
        if (expected[name] === 'unloadable') expect(said, name).to.equal('refused')
        if (expected[name] === 'unusable') expect(said, name).not.to.equal('accepted')
      }
    })
  }

  it('covers at least twenty pipelines', () => {
    expect(Object.keys(verdicts)).to.have.length.at.least(20)
  })
})
