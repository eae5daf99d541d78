import { expect } from 'chai'
import { banner } from '../../../server/composition/running/banner.ts'

const FOLDERS = { dataDir: '/srv/data', modelsDir: '/srv/models' }
const OPEN = { ...FOLDERS, publishToken: undefined, pullToken: undefined }
const WITH_TOKENS = { ...FOLDERS, publishToken: 'publish', pullToken: 'pull' }

describe('what is shown when the server has started', () => {
  it('publishes without a token where none is needed', () => {
    const shown = banner('http://127.0.0.1:5080', OPEN, 'host-1')
    expect(shown).to.include(
      'curl --fail-with-body --data-binary @model.tar.gz http://127.0.0.1:5080/models/default\n',
    )
    expect(shown).to.include('url: http://127.0.0.1:5080/models/default\n').and.not.include('token:')
  })

  it('sends the publish token by its variable, and never shows a token', () => {
    const shown = banner('http://127.0.0.1:5080', WITH_TOKENS, 'host-1')
    expect(shown).to.include('-H "Authorization: Bearer $SLIPWAY_PUBLISH_TOKEN" --data-binary')
    expect(shown).to.include('token: ${SLIPWAY_PULL_TOKEN}\n')
  })

  it('gives each bot a name of its own: without one, all that poll from an address are one bot', () => {
    const shown = banner('http://127.0.0.1:5080', OPEN, 'host-1')
    expect(shown).to.include('\n      params:\n        instance: ${HOSTNAME} ').and.include('export HOSTNAME')
  })

  for (const address of ['0.0.0.0', '[::]']) {
    it(`shows the name of the machine, and never ${address}, where the server listens on that`, () => {
      const shown = banner(`http://${address}:5080`, WITH_TOKENS, 'host-1')
      expect(shown).to.include('url: http://host-1:5080/models/default\n').and.not.include(address)
      expect(shown).to.include('ready at http://host-1:5080\n')
    })
  }
})
