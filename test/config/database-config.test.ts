import { expect } from 'chai'
import { readDatabaseUrl } from '../../server/config/database-config.ts'
import { loadConfig } from '../../server/config/config.ts'

describe('DATABASE_URL', () => {
  const mistakesOf = (text: string): string[] => {
    const mistakes: string[] = []
    expect(readDatabaseUrl(text, mistakes)).to.equal(undefined)
    return mistakes
  }

  const EXPECTED =
    'DATABASE_URL: expected postgres://user:password@host:port/database, with special characters of the password percent-encoded ' +
    '(@ is %40, / is %2F, # is %23, ? is %3F, % is %25)'

  it('says where the catalog lies, and as whom it is used', () => {
    const settings = readDatabaseUrl('postgres://me:p%40ss%2F@db.example.com:6543/models', [])
    expect(settings).to.deep.equal({
      host: 'db.example.com',
      port: 6543,
      database: 'models',
      user: 'me',
      password: 'p@ss/',
      sslMode: 'prefer',
      applicationName: 'slipway',
    })
  })

  it('may leave out the port, may name an address of IPv6, or the folder of a socket', () => {
    expect(readDatabaseUrl('postgresql://me@[::1]/models', [])).to.include({ host: '::1', port: 5432 })
    const socket = readDatabaseUrl('postgres://me@/models?host=/run/postgresql', [])
    expect(socket).to.include({ host: '/run/postgresql', database: 'models' })
  })

  it('has the parameters of TLS as libpq has them', () => {
    const url = 'postgres://me@db/models'
    expect(readDatabaseUrl(`${url}?sslmode=verify-ca&sslrootcert=/ca.pem`, [])).to.include({
      sslMode: 'verify-ca',
      sslRootCert: '/ca.pem',
    })
    expect(readDatabaseUrl(`${url}?sslrootcert=system`, [])).to.include({ sslMode: 'verify-full' })
    expect(mistakesOf(`${url}?sslrootcert=system&sslmode=require`)[0]).to.contain('needs sslmode=verify-full')
    expect(mistakesOf(`${url}?sslmode=maybe`)[0]).to.contain('expected one of disable, allow')
  })

  it('is refused without showing the password', () => {
    for (const text of ['mysql://me:hidden@db/models', 'postgres://me:hid%den@db/x', 'nonsense:hidden']) {
      const [mistake] = mistakesOf(text)
      expect(mistake).to.match(/^DATABASE_URL: expected postgres:\/\//)
      expect(mistake).not.to.contain('hid')
    }
  })

  it('is refused where a password holds what ends it in a URL, without taking the rest of it for a database', () => {
    for (const password of ['9/hidden', '9?hidden', '9#hidden', '9?a=hidden', '%00hidden', 'hid%den'])
      expect(mistakesOf(`postgres://me:${password}@db/models`), password).to.deep.equal([EXPECTED])
    expect(mistakesOf('postgres://me:hidden@db/models?password=hidden2').join()).not.to.contain('hidden')
  })

  it('names one host', () => {
    for (const hosts of ['a,b', 'a:5432,b:5433', '10.0.0.1:1,[::1]:2', 'a,b,c:5'])
      for (const rest of ['', '/models', '?sslmode=require'])
        expect(mistakesOf(`postgres://me:hidden@${hosts}${rest}`), hosts + rest).to.deep.equal([
          'DATABASE_URL: names several hosts; name one, such as the address of the primary',
        ])
  })

  it('takes what is unusual as it is written', () => {
    const password = `ü ${'x'.repeat(10_000)}:@/?#[]%`
    const url = `postgres://${encodeURIComponent('jürgen')}:${encodeURIComponent(password)}@db/${encodeURIComponent('modèles')}`
    expect(readDatabaseUrl(`${url}\n`, [])).to.include({ user: 'jürgen', password, database: 'modèles' })
    expect(readDatabaseUrl('postgres://me:ß€@db/x', [])).to.include({ password: 'ß€' })
  })

  it('shows little of what is much too long, and no port where there can be none', () => {
    expect(mistakesOf(`postgres://me@db/x?sslmode=${'y'.repeat(5_000)}`)[0]?.length).to.be.below(200)
    expect(mistakesOf(`postgres://me@db/x?${'y'.repeat(5_000)}=1`)[0]?.length).to.be.below(200)
    expect(mistakesOf('postgres://me@db:0/x')).to.deep.equal([EXPECTED])
  })

  it('leaves the server without an inbox unless MODELS_DIR is set', () => {
    const env = { DATABASE_URL: 'postgres://me@db/models', STORAGE: 'filesystem' }
    expect(loadConfig(env, '/srv')).to.include({ modelsDir: undefined, backup: undefined })
    expect(loadConfig({ ...env, MODELS_DIR: 'inbox' }, '/srv').modelsDir).to.equal('/srv/inbox')
    expect(loadConfig({}, '/srv')).to.include({ modelsDir: '/srv/models', database: undefined })
  })

  it('has the catalog backed up beside the archives in a bucket, or in another, and in a folder only where archives lie in files', () => {
    const env = { DATABASE_URL: 'postgres://me@db/models' }
    const bucket = { ...env, STORAGE: 'aws', BUCKET_NAME: 'models', AWS_DEFAULT_REGION: 'eu' }
    expect(loadConfig(bucket, '/srv').backup?.to).to.deep.equal({ kind: 'own-bucket' })
    expect(loadConfig({ ...bucket, SLIPWAY_BACKUP_TO: 's3://other' }, '/srv').backup?.to.kind).to.equal(
      'store',
    )
    expect(loadConfig({ ...env, SLIPWAY_BACKUP_TO: 'there' }, '/srv').backup?.to).to.include({
      folder: '/srv/there',
    })
    expect(() => loadConfig({ ...bucket, SLIPWAY_BACKUP_TO: '/backups' }, '/srv')).to.throw('name a bucket')
  })
})
