import { DEFAULT_ARCHIVE_LIMITS } from '../../archives/archive-limits.ts'
import { anArchive, archiveMembers, gzipOf, tarOf } from '../support/archive-builder.ts'
import { describeHostileArchives } from './hostile-archive.ts'
import type { HostileArchive } from './hostile-archive.ts'

/** A sound archive with this text in the place of `metadata.json`. */
const metadata = (
  name: string,
  content: string | Buffer,
  code: HostileArchive['code'] = 'archive-metadata-invalid',
) => ({
  name,
  code,
  sound: true,
  bytes: () => anArchive({ modelId: '0', members: [{ path: 'metadata.json', content }] }),
})
const key = (name: string, values: Record<string, unknown>): HostileArchive => ({
  name,
  code: 'archive-metadata-invalid',
  sound: true,
  bytes: () => anArchive({ modelId: '0', metadata: values }),
})
const fingerprint = (
  name: string,
  content: string,
  code: HostileArchive['code'] = 'archive-metadata-invalid',
) => ({
  name,
  code,
  sound: true,
  bytes: () => gzipOf(tarOf([{ path: 'fingerprint.json', content }, { path: 'nlu/' }])),
})
const notAModel = (name: string, paths: string[]): HostileArchive => ({
  name,
  code: 'archive-not-a-model',
  sound: true,
  bytes: () => gzipOf(tarOf(paths.map((path) => ({ path, content: path.endsWith('/') ? '' : '{}' })))),
})
const version = '"rasa_open_source_version": "3.6.21"'

describeHostileArchives('metadata', [
  metadata('an empty metadata.json', ''),
  metadata('metadata.json cut short', '{"model_id": "a'),
  metadata('metadata.json in YAML', 'model_id: a'),
  metadata('a list', '[1, 2]'),
  metadata('null', 'null'),
  metadata('a text', '"metadata"'),
  metadata('invalid UTF-8', Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d])),
  metadata('UTF-16', Buffer.from('{}', 'utf16le')),
  metadata('something behind the object', `{${version}} {}`),
  metadata('"__proto__"', `{${version}, "__proto__": {"admin": true}}`),
  metadata('"__proto__" in escapes', `{${version}, "__pr\\u006fto__": {"admin": true}}`),
  metadata('"__proto__" deep within', `{${version}, "domain": {"slots": [{"__proto__": 1}]}}`),
  metadata('constructor.prototype', `{${version}, "constructor": {"prototype": {"admin": true}}}`),
  metadata('65 levels of lists', `{"a": ${'['.repeat(64)}${']'.repeat(64)}}`, 'archive-metadata-too-large'),
  metadata('a million levels', `{"a": ${'['.repeat(1_000_000)}`, 'archive-metadata-too-large'),
  metadata('200,000 levels of objects', '{"a":'.repeat(200_000), 'archive-metadata-too-large'),
  {
    name: 'a metadata.json of a MiB and a byte',
    code: 'archive-metadata-too-large',
    sound: true,
    bytes: () =>
      anArchive({
        modelId: '0',
        members: [{ path: 'metadata.json', content: Buffer.alloc(2 ** 20 + 1, ' ') }],
      }),
  },
  {
    name: 'a metadata.json over a limit of 100 bytes',
    code: 'archive-metadata-too-large',
    sound: true,
    limits: { ...DEFAULT_ARCHIVE_LIMITS, metadataBytes: 100 },
    bytes: () => anArchive({ modelId: '0' }),
  },
  key('a model id that is a number', { model_id: 7 }),
  key('a Rasa version that is none', { rasa_open_source_version: 'abc' }),
  key('a Rasa version with a blank in it', { rasa_open_source_version: '3.6 .21' }),
  key('a Rasa version that is an object', { rasa_open_source_version: {} }),
  key('a time that is no time', { trained_at: 'yesterday' }),
  key('a time that is no date', { trained_at: '2026-99-99T00:00:00' }),
  key('a time before 1970', { trained_at: '0001-01-01T00:00:00' }),
  key('a time as a number', { trained_at: 1795423778.6 }),
  key('a training type in words', { training_type: 'both' }),
  key('a domain that is a list', { domain: [] }),
  key('a graph that is a text', { predict_schema: 'graph' }),
  key('nodes that are a list', { predict_schema: { nodes: [] } }),
  key('a node that is null', { predict_schema: { nodes: { a: null } } }),
  key('a resource that is a text', { predict_schema: { nodes: { a: { resource: 'train_a' } } } }),
  key('a resource without a name', { predict_schema: { nodes: { a: { resource: {} } } } }),
  key('a resource whose name is a list', { predict_schema: { nodes: { a: { resource: { name: [] } } } } }),
  key('a class that is a number', { predict_schema: { nodes: { a: { uses: 1, resource: { name: 'b' } } } } }),
  fingerprint('a fingerprint.json that is a list', '[]'),
  fingerprint('a Rasa 2 version that is a number', '{"version": 2}'),
  fingerprint('a Rasa 2 time in words', '{"version": "2.8.34", "trained_at": "yesterday"}'),
  fingerprint('a Rasa 2 time beyond all calendars', '{"version": "2.8.34", "trained_at": 1e300}'),
])

describeHostileArchives('what is no model', [
  notAModel('an empty archive', []),
  notAModel('an archive of something else', ['README.md', 'src/', 'src/index.js']),
  notAModel('a wrapping folder', ['bot/', 'bot/metadata.json', 'bot/components/']),
  notAModel('a metadata.json in the wrong place', ['components/metadata.json']),
  notAModel('a metadata.json with another case', ['Metadata.json', 'components/']),
  notAModel('metadata.json as a folder', ['metadata.json/', 'components/']),
  notAModel("somebody else's metadata.json", ['metadata.json']),
  notAModel('fingerprint.json beside metadata.json', ['metadata.json', 'fingerprint.json']),
  {
    name: 'neither core nor nlu beside fingerprint.json',
    code: 'archive-incomplete',
    sound: true,
    bytes: () => gzipOf(tarOf([{ path: 'fingerprint.json', content: '{"version": "2.8.34"}' }])),
  },
  {
    name: 'a wrapped whole archive',
    code: 'archive-not-a-model',
    sound: true,
    bytes: () =>
      gzipOf(
        tarOf(
          archiveMembers({ modelId: '0' })
            .slice(1)
            .map((member) => ({ ...member, path: `bakery/${String(member.path)}` })),
        ),
      ),
  },
])
