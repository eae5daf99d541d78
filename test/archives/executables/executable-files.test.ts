import { execFileSync } from 'node:child_process'
import { readdir, readFile } from 'node:fs/promises'
import { deflateRawSync } from 'node:zlib'
import { expect } from 'chai'
import { ArchiveInspection } from '../../../archives/archive-inspection.ts'
import { ExecutableFinder, type ExecutableFiles } from '../../../archives/executables/executable-files.ts'
import { anArchive } from '../../support/archive-builder.ts'
import { skipTest } from '../../support/skip-test.ts'

const FIXTURES = new URL('../../fixtures/archives/', import.meta.url)

/** What is found in a file that comes in pieces of this size. */
function findIn(path: string, content: Buffer | string, pieceSize = 7): ExecutableFiles[] | undefined {
  const bytes = Buffer.from(content as string)
  const finder = new ExecutableFinder()
  const sink = finder.look({ path, segments: path.split('/'), kind: 'file', size: bytes.length })
  for (let start = 0; start < bytes.length; start += pieceSize)
    sink?.(bytes.subarray(start, start + pieceSize))
  return finder.found
}

function formatOf(path: string, content: Buffer | string): string | undefined {
  return findIn(path, content)?.[0]?.format
}

/** A zip as Python writes it, without a directory that anybody would read here. */
function zip(members: readonly (readonly [name: string, content: string, deflated?: boolean])[]): Buffer {
  const local = members.map(([name, content, deflated = false]) => {
    const data = deflated ? deflateRawSync(content) : Buffer.from(content)
    const header = Buffer.alloc(30)
    header.writeUInt32LE(0x04034b50, 0)
    header.writeUInt16LE(deflated ? 8 : 0, 8)
    header.writeUInt32LE(data.length, 18)
    header.writeUInt32LE(content.length, 22)
    header.writeUInt16LE(name.length, 26)
    return Buffer.concat([header, Buffer.from(name), data])
  })
  return Buffer.concat([...local, Buffer.from('504b0102', 'hex'), Buffer.alloc(60)])
}

/** A schema of skops that names these types. */
const schema = (...types: [module: string, name: string][]): string =>
  JSON.stringify({
    __class__: 'dict',
    __module__: 'builtins',
    __loader__: 'DictNode',
    protocol: 2,
    content: types.map(([__module__, __class__]) => ({
      __class__,
      __module__,
      __loader__: 'ObjectNode',
      content: {},
    })),
  })

describe('files that can run code', () => {
  const cases: [path: string, content: Buffer | string, format: string | undefined][] = [
    ['a/model.pkl', 'anything', 'pickle'],
    ['a/model.joblib.gz', 'anything', 'pickle'],
    ['a/innocent.dat', Buffer.from('8004952e', 'hex'), 'pickle'],
    ['a/weights.data-00000', Buffer.from('8004952e00', 'hex'), undefined],
    [
      'a/x.npy',
      Buffer.from("\x93NUMPY\x01\x00v\x00{'descr': '|O', 'fortran_order': False}", 'latin1'),
      'pickle',
    ],
    [
      'a/x.npy',
      Buffer.from("\x93NUMPY\x01\x00v\x00{'descr': [('a', '<f8'), ('b', 'O')]}", 'latin1'),
      'pickle',
    ],
    [
      'a/x.npy',
      Buffer.from("\x93NUMPY\x01\x00v\x00{'descr': '<f8', 'fortran_order': False}", 'latin1'),
      undefined,
    ],
    ['a/model.h5', 'x', 'hdf5'],
    ['a/model.bin', Buffer.from('\x89HDF\r\n\x1a\nrest', 'latin1'), 'hdf5'],
    ['a/saved_model.pb', 'x', 'tensorflow-graph'],
    ['a/train.py', 'x', 'python'],
    ['a/libx.so.1', 'x', 'native-code'],
    ['a/tool', Buffer.from('\x7fELF\x02', 'latin1'), 'native-code'],
    ['a/run', '#!/bin/sh\n', 'script'],
    ['a/domain.yml', 'version: "3.1"\n', undefined],
    ['a/rules.json', '{}', undefined],
    ['a/weights.st', '\x80\x02', undefined],
  ]
  for (const [path, content, format] of cases) {
    it(`${path} beginning with ${JSON.stringify(content.toString('latin1').slice(0, 12))}: ${format ?? 'none'}`, () => {
      expect(formatOf(path, content)).to.equal(format)
    })
  }

  it('are counted by format, and the first named', () => {
    const finder = new ExecutableFinder()
    for (let index = 0; index < 9; index++) {
      const path = `components/${index}/m.pkl`
      finder.look({ path, segments: path.split('/'), kind: 'file', size: 1 })?.(Buffer.from('x'))
    }
    const [found] = finder.found ?? []
    expect(found).to.include({ format: 'pickle', files: 9 })
    expect(found?.first).to.have.length(5)
  })

  it('are none where a file is empty, or a folder', () => {
    expect(findIn('a/model.pkl', '')).to.equal(undefined)
    const finder = new ExecutableFinder()
    expect(finder.look({ path: 'a.pkl', segments: ['a.pkl'], kind: 'folder', size: 0 })).to.equal(undefined)
  })
})

describe('a file of skops', () => {
  for (const pieceSize of [1, 7, 100_000]) {
    it(`that names types of scikit-learn and NumPy is none of them, in pieces of ${pieceSize}`, () => {
      const sound = zip([
        ['1.npy', 'x'.repeat(500)],
        [
          'schema.json',
          schema(['sklearn.linear_model._logistic', 'LogisticRegression'], ['numpy', 'ndarray']),
        ],
      ])
      expect(findIn('a.skops', sound, pieceSize)).to.equal(undefined)
    })

    it(`is one of them where it names others, in pieces of ${pieceSize}`, () => {
      const evil = zip([
        ['schema.json', schema(['posix', 'system'], ['builtins', 'eval'], ['numpyx', 'y']), true],
      ])
      expect(findIn('a.skops', evil, pieceSize)?.[0]).to.deep.include({
        format: 'skops',
        types: ['builtins.eval', 'numpyx.y', 'posix.system'],
      })
    })
  }

  const doubtful: [what: string, content: Buffer][] = [
    ['has no schema', zip([['1.npy', 'x']])],
    [
      'has two',
      zip([
        ['schema.json', schema()],
        ['schema.json', schema(['posix', 'system'])],
      ]),
    ],
    ['has one that is no JSON', zip([['schema.json', '{']])],
    [
      'has something between its members',
      Buffer.concat([zip([['schema.json', schema()]]).subarray(0, -64), Buffer.alloc(64, 1)]),
    ],
    ['is none', Buffer.from('not a zip at all, but long enough to be one')],
    ['is cut', zip([['schema.json', schema()]]).subarray(0, 60)],
  ]
  for (const [what, content] of doubtful) {
    it(`is one of them where it ${what}: nobody knows what it names`, () => {
      expect(findIn('a.skops', content)?.[0])
        .to.include({ format: 'skops', files: 1 })
        .and.not.have.property('types')
    })
  }
})

describe('the inspection of an archive', () => {
  const inspect = async (archive: Buffer) => {
    const inspection = new ArchiveInspection()
    await inspection.write(archive)
    return inspection.end()
  }

  it('tells what can run code, and warns of it', async () => {
    const path = 'components/train_KeywordIntentClassifier1/extra.pkl'
    const { executables, warnings } = await inspect(anArchive({ members: [{ path, content: 'x' }] }))
    expect(executables).to.deep.equal([{ format: 'pickle', files: 1, first: [path] }])
    expect(warnings.find(({ code }) => code === 'can-run-code')?.message).to.include(`pickle (${path})`)
  })

  it('finds nothing of it in what Rasa 3.6.21 trains', async () => {
    for (const folder of ['', 'matrix/']) {
      const names = (await readdir(new URL(folder || '.', FIXTURES))).filter((name) =>
        /3\.6|^[a-z-]+\.tar\.gz$/.test(name),
      )
      for (const name of names.filter((each) => each.endsWith('.tar.gz'))) {
        const facts = await inspect(await readFile(new URL(folder + name, FIXTURES))).catch(() => undefined)
        expect(facts?.executables, name).to.equal(undefined)
      }
    }
  })

  it('finds the pickles of Rasa 2', async () => {
    const { executables } = await inspect(await readFile(new URL('rasa-2.8-light-v1.tar.gz', FIXTURES)))
    expect(executables?.map(({ format }) => format)).to.deep.equal(['pickle'])
  })

  it('finds what Python pickles, whatever it is called', function () {
    try {
      execFileSync('python3', ['--version'])
    } catch {
      skipTest(this, 'needs python3')
    }
    for (const protocol of [2, 3, 4, 5]) {
      const script = `import pickle, sys; sys.stdout.buffer.write(pickle.dumps({'a': [1, 2]}, ${protocol}))`
      expect(formatOf('a/innocent.json', execFileSync('python3', ['-c', script])), String(protocol)).to.equal(
        'pickle',
      )
    }
  })
})
