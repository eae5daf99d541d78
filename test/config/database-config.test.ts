import { expect } from 'chai'
import { readDatabaseUrl } from '../../server/config/database-config.ts'
import { loadConfig } from '../../server/config/config.ts'

describe('DATABASE_URL', () => {
  const mistakesOf = (text: string): string[] => {
    const mistakes: string[] = []
    expect(readDatabaseUrl(text, mistakes)).to.equal(undefined)
    return mistakes
  }

  it('says where the catalog lies, and as whom it is used', () => {
    const settings = readDatabaseUrl('postgres://me:p%40ss%2F@db.example.com:6543/models', [])
    expect(settings).to.deep.equal({
      ...{ host: 'db.example.com', port: 6543, database: 'models', user: 'me', password: 'p@ss/' },
      ...{ sslMode: 'prefer', applicationName: 'slipway' },
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
    expect(mistakesOf('postgres://a,b/models')[0]).to.contain('several hosts')
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
