import { error, warning, type FindingKind } from './finding-kind.ts'

/** What can be wrong with an object store. */
export const STORE_FINDINGS = {
  'store-setting': error(
    'The settings of the object store cannot work.',
    'Correct the variable that is named.',
  ),
  'store-unreachable': error(
    'The object store cannot be reached.',
    'Check the endpoint, the region and the network.',
  ),
  'store-listing': warning(
    'The bucket cannot be listed: Rasa need not, but `slipway pull` cannot find the newest archive.',
    'Allow listing: s3:ListBucket, storage.objects.list, or the read permission of the container.',
  ),
  'object-missing': error('There is no such object in the bucket.', 'Check --model and REMOTE_STORAGE_PATH.'),
  'object-unreadable': error(
    'The object cannot be read.',
    'Allow reading: s3:GetObject, storage.objects.get, or the read permission of the container.',
  ),
  'object-not-archive': error(
    'The object is not gzip, so Rasa cannot load it.',
    'Upload the .tar.gz as it is.',
  ),
  'store-clock': error(
    'The clock of this machine differs too much from that of the store: signed requests are refused.',
    'Synchronise the clock of this machine (NTP).',
  ),
} as const satisfies Record<string, FindingKind>
