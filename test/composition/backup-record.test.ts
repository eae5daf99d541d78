import { expect } from 'chai'
import { BackupRecord } from '../../server/composition/backup-record.ts'

describe('what is told of backups', () => {
  it('counts failures in a row until another server has taken one', () => {
    const record = new BackupRecord()
    record.taken(1_000)
    record.failed()
    record.failed()
    record.taken(1_000)
    expect(record).to.include({ failures: 2, failuresInARow: 2, lastTakenAt: 1_000 })
    record.taken(2_000)
    expect(record).to.include({ failures: 2, failuresInARow: 0, lastTakenAt: 2_000 })
  })

  it('keeps what it knew where no backup is known of', () => {
    const record = new BackupRecord()
    record.taken(1_000)
    record.taken(undefined)
    expect(record.lastTakenAt).to.equal(1_000)
  })
})
