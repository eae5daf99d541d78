import { expect } from 'chai'
import { PERMISSIONS, type Permission } from '../../../protocol/grant.ts'
import { apiEndpoints, createApp, type AppDependencies } from '../../../server/http/app.ts'
import { allOperations } from '../../../server/http/openapi/operations.ts'
import { anArchive } from '../../support/archive-builder.ts'
import { aServer, type ServerUnderTest } from '../../support/server-under-test.ts'
import { aToken } from '../../support/a-token.ts'

type Access = Permission | 'open'

/** Every operation, with what it needs. Whoever adds one decides here who may do it. */
const NEEDED: Readonly<Record<string, Access>> = {
  pullTag: 'pull',
  lookAtTag: 'pull',
  pullModel: 'pull',
  lookAtModel: 'pull',
  isBotReady: 'pull',
  readBundle: 'pull',
  readEcho: 'pull',
  pullTestArchive: 'pull',
  readOverview: 'read',
  publishModel: 'publish',
  listModels: 'read',
  readModel: 'read',
  listReleases: 'read',
  readRelease: 'read',
  listReleaseBots: 'read',
  compareReleases: 'read',
  listTags: 'read',
  readTag: 'read',
  readTagHistory: 'read',
  previewPromotion: 'read',
  listRollouts: 'read',
  readRollout: 'read',
  readTimeline: 'read',
  listBots: 'read',
  readBot: 'read',
  listProcesses: 'read',
  listEvents: 'read',
  readSeries: 'read',
  readTagSeries: 'read',
  listExports: 'read',
  readStatus: 'read',
  readVerification: 'read',
  readMetrics: 'read',
  promoteRelease: 'promote',
  deleteTag: 'promote',
  rollBackTag: 'promote',
  pauseRollout: 'promote',
  resumeRollout: 'promote',
  advanceRollout: 'promote',
  abortRollout: 'promote',
  retryRollout: 'promote',
  changeModel: 'manage',
  deleteModel: 'manage',
  editRelease: 'manage',
  deleteRelease: 'manage',
  downloadArchive: 'manage',
  changeTag: 'manage',
  pruneReleases: 'manage',
  beginVerification: 'manage',
  listWebhooks: 'admin',
  addWebhook: 'admin',
  readWebhook: 'admin',
  changeWebhook: 'admin',
  removeWebhook: 'admin',
  testWebhook: 'admin',
  listDeliveries: 'admin',
  retryDelivery: 'admin',
  listTokens: 'admin',
  createToken: 'admin',
  rotateToken: 'admin',
  revokeToken: 'admin',
  listAudit: 'admin',
  listTrustedPublishers: 'admin',
  addTrustedPublisher: 'admin',
  removeTrustedPublisher: 'admin',
  isAlive: 'open',
  isReady: 'open',
  readDescription: 'open',
  showDescription: 'open',
  showServer: 'open',
  exchangeToken: 'open',
}

/** What a token of each permission opens besides operations that need just it. */
const OPENS: Readonly<Record<Permission, readonly Access[]>> = {
  pull: [],
  read: [],
  publish: ['read'],
  promote: ['read'],
  manage: ['read'],
  admin: PERMISSIONS,
}

/** Those about the server as a whole, which a token for one model does not open. */
const OF_THE_SERVER: ReadonlySet<string> = new Set([
  'readStatus',
  'readSeries',
  'readVerification',
  'readMetrics',
  'beginVerification',
  'listWebhooks',
  'addWebhook',
  'readWebhook',
  'changeWebhook',
  'removeWebhook',
  'testWebhook',
  'listDeliveries',
  'retryDelivery',
  'listTokens',
  'createToken',
  'rotateToken',
  'revokeToken',
  'listAudit',
  'listTrustedPublishers',
  'addTrustedPublisher',
  'removeTrustedPublisher',
])

/** Lists of all models: a token for one of them is let in, and told of that one alone. */
const OF_SOME_MODELS: ReadonlySet<string> = new Set([
  'listModels',
  'listBots',
  'listProcesses',
  'listEvents',
  'listExports',
  'readOverview',
])

/** Addresses of pages: each shows what the token of its reader opens, asked of the operations above. */
const PAGES = ['/dashboard/assets/:name', '/dashboard/sign-in', '/dashboard/sign-out', '/dashboard/{*rest}']

/** Addresses that answer everybody, or are described by no operation of their own. */
const OPEN_PATHS = ['/livez', '/readyz', '/openapi.json', '/docs', '/', '/favicon.ico']

// Nothing is asked of the dependencies before a request comes.
const operations = allOperations(apiEndpoints({} as AppDependencies))

describe('the permission that a route needs', () => {
  let server: ServerUnderTest
  beforeEach(async () => {
    server = await aServer({ publishToken: 'the-publish-token', pullToken: 'the-pull-token' })
  })

  const addressOf = (path: string, model: string) => {
    const at = path
      .replace('{model}', model)
      .replace('{tag}', 'production')
      .replace('{number}', '7')
      .replace('{other}', '8')
      .replace('{bot}', 'pod-3')
      .replace('{id}', '1')
      .replace('{delivery}', '1')
      .replace('{token}', 'nobody')
      .replace('{publisher}', 'nobody')
    return /\/(?:bots|ready)\//.test(at) ? `${at}?model=${model}` : at
  }

  async function statusOf(method: string, path: string, token?: string, model = 'shop'): Promise<number> {
    const headers = token === undefined ? {} : { Authorization: `Bearer ${token}` }
    return (await fetch(server.url + addressOf(path, model), { method, headers })).status
  }

  it('is decided for every operation', () => {
    const named = Object.fromEntries(operations.map(({ id, access }) => [id, access]))
    expect(named).to.deep.equal(NEEDED)
  })

  it('is decided for every address that the server has, described or not', () => {
    const app = createApp({} as AppDependencies)
    const described = operations.map(({ path }) => path.replaceAll(/\{(\w+)\}/g, ':$1'))
    const known = new Set([...described, '/models/:target', ...OPEN_PATHS, ...PAGES])
    const layers = (app as unknown as { router: { stack: { route?: { path: string } }[] } }).router.stack
    const paths = layers.flatMap(({ route }) => route?.path ?? [])
    expect(paths.length).to.be.greaterThan(20)
    expect(paths.filter((path) => !known.has(path))).to.deep.equal([])
  })

  it('is asked for: without a token each is 401, with a wrong one too', async () => {
    const wrong: string[] = []
    for (const { id, method, path, access } of operations) {
      if (access === 'open') continue
      const statuses = [await statusOf(method, path), await statusOf(method, path, 'wrong')]
      if (statuses.some((status) => status !== 401)) wrong.push(`${id}: ${statuses.join(', ')}`)
    }
    expect(wrong).to.deep.equal([])
  })

  for (const permission of PERMISSIONS) {
    it(`is opened by a token that allows ${permission} where that is enough, and else 403`, async () => {
      const token = await aToken(server, [permission])
      const wrong: string[] = []
      for (const { id, method, path, access } of operations) {
        if (access === 'open') continue
        const status = await statusOf(method, path, token)
        const isOpened = access === permission || OPENS[permission].includes(access)
        if (status === 401 || (status === 403) === isOpened) wrong.push(`${id}: ${status}`)
      }
      expect(wrong).to.deep.equal([])
    })

    if (permission !== 'admin') {
      it(`is not opened by ${permission} for another model, nor for the server as a whole`, async () => {
        const token = await aToken(server, [`${permission}:shop`])
        const wrong: string[] = []
        for (const { id, method, path, access } of operations) {
          if (access === 'open') continue
          const isEnough = access === permission || OPENS[permission].includes(access)
          const own = await statusOf(method, path, token)
          const other = await statusOf(method, path, token, 'bank')
          const isOpened = isEnough && !OF_THE_SERVER.has(id)
          const isOtherOpened = isOpened && OF_SOME_MODELS.has(id)
          if ((own === 403) === isOpened || (other === 403) === isOtherOpened)
            wrong.push(`${id}: ${own}, ${other}`)
        }
        expect(wrong).to.deep.equal([])
      })
    }
  }

  it('says what was lacking, as it is written when a token is made', async () => {
    const token = await aToken(server, ['publish:support-*'])
    const refusal = async (method: string, path: string) => {
      const headers = { Authorization: `Bearer ${token}` }
      const answer = await fetch(server.url + path, { method, headers })
      const { code, detail, needs } = (await answer.json()) as Record<string, string>
      expect([answer.status, code]).to.deep.equal([403, 'token-insufficient'])
      return { detail, needs }
    }
    expect(await refusal('PUT', '/api/v1/models/shop/tags/production')).to.deep.equal({
      detail: 'This needs a token that allows promote:shop@production; "the-token" allows publish:support-*.',
      needs: 'promote:shop@production',
    })
    expect((await refusal('GET', '/api/v1/models/shop')).detail).to.include(
      'read:shop (read, publish, promote or manage)',
    )
    expect((await refusal('GET', '/models/shop')).needs).to.equal('pull:shop@latest')
    expect((await refusal('GET', '/metrics')).needs).to.equal('read')
    expect((await refusal('POST', '/models/shop')).needs).to.equal('publish:shop')
  })

  it('for a tag is asked for each tag that a publish moves', async () => {
    const token = await aToken(server, ['publish:shop', 'promote:shop@staging'])
    const publish = async (query: string) => {
      const headers = { Authorization: `Bearer ${token}` }
      const body = Uint8Array.from(anArchive())
      return (await fetch(`${server.url}/models/shop${query}`, { method: 'POST', headers, body })).status
    }
    expect(await publish('?tag=staging&tag=production')).to.equal(403)
    expect(server.traffic.publishes.published).to.equal(0)
    expect(await publish('?tag=staging')).to.equal(201)
  })

  it('for a tag is asked where a pull names none, for the default tag', async () => {
    await server.publish(anArchive(), { query: 'tag=production' })
    const token = await aToken(server, ['pull:shop@production'])
    const pull = async () =>
      (await fetch(`${server.url}/models/shop`, { headers: { Authorization: `Bearer ${token}` } })).status
    expect(await pull()).to.equal(403)
    await server.request
      .patch('/api/v1/models/shop')
      .set('Authorization', 'Bearer the-publish-token')
      .send({ defaultTag: 'production' })
      .expect(200)
    expect(await pull()).to.equal(200)
  })

  it('for a tag is asked of the rollout that is steered', async () => {
    await server.publish(anArchive(), { query: 'tag=production' })
    const rollouts = await server.request
      .get('/api/v1/models/shop/rollouts?tag=production')
      .set('Authorization', 'Bearer the-publish-token')
    const [{ id }] = (rollouts.body as { items: [{ id: string }] }).items
    const steer = async (grant: string) => {
      const headers = { Authorization: `Bearer ${await aToken(server, [grant], grant.replace(/\W/g, '-'))}` }
      const path = `/api/v1/models/shop/rollouts/${id}/pause`
      const answer = await fetch(server.url + path, { method: 'POST', headers })
      return [answer.status, ((await answer.json()) as { needs?: string }).needs]
    }
    expect(await steer('promote:shop@staging')).to.deep.equal([403, 'promote:shop@production'])
    expect((await steer('promote:shop@production'))[0]).to.not.equal(403)
  })
})
