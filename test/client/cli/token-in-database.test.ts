import { expect } from 'chai'
import { openCatalogAt, withPostgres } from '../../support/a-postgres-catalog.ts'
import { runSlipway } from '../../support/run-slipway.ts'
import { temporaryDirectory } from '../../support/temporary-directory.ts'

describe('slipway token create --admin, with a database', function () {
  this.timeout(60_000)
  const postgres = withPostgres()

  it('makes the token there, while others use it, and writes it down', async () => {
    const url = await postgres.database()
    const catalog = await openCatalogAt(url)
    const create = async () => {
      const options = { cwd: await temporaryDirectory(), env: { DATABASE_URL: url } }
      return await runSlipway(['token', 'create', 'ada', '--admin', '--json'], options)
    }
    const made = await create()
    expect(made.code, made.error).to.equal(0)
    expect(JSON.parse(made.out)).to.include({ name: 'ada', dataDir: null })
    const [token] = await catalog.findTokens('ada')
    expect(token?.allow).to.deep.equal(['admin'])
    expect((await catalog.listAudit(0, 10)).map(({ action }) => action)).to.deep.equal(['token.created'])
    expect(await create()).to.include({ code: 10, out: '' })
  })

  it('has it expire by the clock of the database, whatever the machine shows', async () => {
    const url = await postgres.database()
    const catalog = await openCatalogAt(url)
    const anHourLate = 'const { now } = Date; Date.now = () => now() - 3600000'
    const made = await runSlipway(['token', 'create', 'ada', '--admin', '--expires', '30m'], {
      cwd: await temporaryDirectory(),
      env: {
        DATABASE_URL: url,
        NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(anHourLate)}`,
      },
    })
    expect(made.code, made.error).to.equal(0)
    const [token] = await catalog.findTokens('ada')
    expect(token?.expiresAt).to.be.above(Date.now())
  })

  it('says where the database cannot be used', async () => {
    const options = {
      cwd: await temporaryDirectory(),
      env: { DATABASE_URL: 'postgres://nobody@127.0.0.1:1/x' },
    }
    const away = await runSlipway(['token', 'create', '--admin'], options)
    expect([away.code, away.out]).to.deep.equal([5, ''])
    const wrong = await runSlipway(['token', 'create', '--admin'], {
      ...options,
      env: { DATABASE_URL: 'mysql://x' },
    })
    expect([wrong.code, wrong.out]).to.deep.equal([2, ''])
  })
})
