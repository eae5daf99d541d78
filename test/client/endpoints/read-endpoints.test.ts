import { expect } from 'chai'
import { readFileSync } from 'node:fs'
import { readEndpoints } from '../../../client/endpoints/read-endpoints.ts'

/** What Rasa 3.6.21's own reading and aiohttp made of a file: the request they would send, or how they failed. */
interface Seen {
  file: string
  rasa: { url?: string; headers?: Record<string, unknown>; wait?: number | null; error?: string; none?: true }
}

const environment = { HOSTY: 'hosty', TEN: '10' }
const seen = JSON.parse(readFileSync(new URL('seen-with-rasa.json', import.meta.url), 'utf8')) as Seen[]

/** Where we are stricter or milder than Rasa: what Rasa does, and whether we read the file. */
const differences: Record<string, [why: string, isRead: boolean]> = {
  'models:\n  url: http://h/${UNSET_X}/m\n': ['Rasa asks for a path with the variable in it', false],
  'models:\n  url: "http://${HOSTY}/m"\n': ['Rasa asks a host of that name', false],
  'models:\n  url: http://h/m\n  headers:\n    X-A: 5\n': ['Rasa fails when it sends', false],
  'models:\n  url: http://h/m\n  headers:\n    X-A:\n': ['Rasa fails when it sends', false],
  'models:\n  url: http://h/m\n  wait_time_between_pulls: "0"\n': [
    'the scheduler makes one second of it',
    true,
  ],
  'models:\n  url: http://h/m\n  token: a $$ ${TEN}\n': ['Rasa takes a lone $$ for a variable', true],
  'tracker_store:\n  url: ${UNSET_X}\nmodels:\n  url: http://h/m\n': [
    'Rasa reads all blocks, we read one',
    true,
  ],
  'models:\n  url: http://h/m\n  params:\n    a: 0x10\n    d: 1e3\n    e: 010\n    f: 2026-01-01\n    g: yes\n    h: 1_000\n':
    ['Rasa makes a date of f, which cannot be sent', true],
}

function pairsOf(url: string): [string, string][] {
  return [...new URL(url).searchParams]
}

describe('an endpoints.yml', () => {
  for (const { file, rasa } of seen) {
    it(`is read as Rasa 3.6.21 reads it: ${JSON.stringify(file)}`, () => {
      const { server, errors } = readEndpoints(file, 'endpoints.yml', environment)
      const difference = differences[file]
      if (difference !== undefined) expect(server !== undefined).to.equal(difference[1])
      else if (rasa.url === undefined) expect(errors).not.to.have.length(0)
      else {
        expect(errors).to.deep.equal([])
        expect(`${server?.url.origin ?? ''}${server?.url.pathname ?? ''}`).to.equal(
          new URL(rasa.url).origin + new URL(rasa.url).pathname,
        )
        expect(pairsOf(server?.url.href ?? '')).to.deep.equal(pairsOf(rasa.url))
        expect(server?.interval).to.equal(rasa.wait)
        // Credentials in the address become a header later, where the request is made.
        if (server?.url.username === '') expect(server.headers).to.deep.equal(rasa.headers)
      }
    })
  }

  const mistakes: Record<string, [file: string, says: RegExp]> = {
    'an unset variable inside an address': [
      'models:\n  url: http://h/${NOPE}/m\n',
      /^e\.yml:2: the variable NOPE is not set$/,
    ],
    'a quoted variable': ['models:\n\n  url: "http://${HOSTY}/m"\n', /^e\.yml:3: .*without quotes/],
    'a default': ['models:\n  url: ${NOPE:-x}\n', /^e\.yml:2: .*no defaults/],
    'a number in a header': ['models:\n  url: http://h/m\n  headers:\n    X-A: 5\n', /^e\.yml:4: "X-A"/],
    'a line break in a header': ['models:\n  url: http://h/m\n  headers:\n    X-A: "a\\nb"\n', /^e\.yml:4: /],
    None: ['models:\n  url: http://h/m\n  wait_time_between_pulls: None\n', /^e\.yml:3: .*write null/],
    'a negative interval': ['models:\n  url: http://h/m\n  wait_time_between_pulls: -5\n', /^e\.yml:3: /],
    'basic_auth beside Authorization': [
      'models:\n  url: http://h/m\n  basic_auth: {username: u, password: p}\n  headers:\n    Authorization: x\n',
      /^e\.yml:5: .*exclude each other/,
    ],
    'no address': ['models:\n  token: x\n', /"url:" is missing/],
    'another scheme': ['models:\n  url: s3://b/m\n', /^e\.yml:2: .*no http/],
    'no block': ['model:\n  url: http://h/m\n', /did you mean it by "model:"/],
    'no YAML': ['models: [\n', /no YAML/],
  }
  for (const [what, [file, says]] of Object.entries(mistakes)) {
    it(`is refused, with file and line, for ${what}`, () => {
      const { server, errors } = readEndpoints(file, 'e.yml', environment)
      expect(server).to.equal(undefined)
      expect(errors.join('\n')).to.match(says)
    })
  }

  const oddities: Record<string, [line: string, says: RegExp]> = {
    'an unknown key': ['waitTimeBetweenPulls: 5', /^e\.yml:3: .*did you mean wait_time_between_pulls\?/],
    'a key that is near none': ['colour: red', /it knows url/],
    cafile: ['cafile: ca.pem', /NODE_EXTRA_CA_CERTS/],
    'a fraction': ['wait_time_between_pulls: 2.5', /2 seconds/],
    false: ['wait_time_between_pulls: false', /pulled once/],
    'a header that is ours': ['headers: {if-none-match: x}', /overwritten/],
  }
  for (const [what, [line, says]] of Object.entries(oddities)) {
    it(`is read with a warning for ${what}`, () => {
      const { server, warnings } = readEndpoints(
        `models:\n  url: http://h/m\n  ${line}\n`,
        'e.yml',
        environment,
      )
      expect(server?.url.href).to.equal('http://h/m')
      expect(warnings.join('\n')).to.match(says)
    })
  }
})

describe('an endpoints.yml that is hostile, or mistaken', () => {
  const read = (text: string): string[] => readEndpoints(text, 'endpoints.yml', {}).errors

  it('of aliases of aliases is refused at once', () => {
    const levels = Array.from(
      { length: 9 },
      (_, index) => `    a${index + 1}: &a${index + 1} [${Array(9).fill(`*a${index}`).join(', ')}]`,
    )
    const started = performance.now()
    const lines = ['models:', '  url: http://127.0.0.1/m', '  params:', '    a0: &a0 [x]', ...levels]
    expect(read(lines.join('\n'))[0]).to.match(/^endpoints\.yml:\d+: .*more than \d+ (values|aliases)/)
    expect(performance.now() - started).to.be.lessThan(2000)
  })

  it('of many aliases in a large file is refused: each is looked up by a walk through all of it', () => {
    const aliases = Array.from({ length: 9_000 }, () => '*a').join(', ')
    expect(
      read(`models:\n  url: http://127.0.0.1/m\n  params:\n    b: &a x\n    c: [${aliases}]\n`)[0],
    ).to.match(/^endpoints\.yml:\d+: .*more than \d+ aliases/)
  })

  it('whose alias holds itself is refused', () => {
    expect(read('models: &m\n  url: http://127.0.0.1/m\n  params: *m\n')[0]).to.match(/holds itself/)
  })

  it('that is nested without end is refused', () => {
    expect(read(`models:\n  params: ${'['.repeat(100_000)}`)).not.to.have.length(0)
  })

  it('may use one alias many times', () => {
    const text = 'x: &h {X-Bot: shop}\nmodels:\n  url: http://127.0.0.1/m\n  headers: *h\n'
    expect(readEndpoints(text, 'endpoints.yml', {}).server?.headers).to.deep.equal({ 'x-bot': 'shop' })
  })

  it('is told where the credentials in its address cannot be read', () => {
    expect(read('models:\n  url: http://a%:b@127.0.0.1/m\n')[0]).to.match(/^endpoints\.yml:2: .*%25/)
  })

  for (const interval of ['soon', '-1', '1e9', '[1]']) {
    it(`is told the key of a wrong interval: ${interval}`, () => {
      const text = `models:\n  url: http://127.0.0.1/m\n  wait_time_between_pulls: ${interval}\n`
      expect(read(text)[0]).to.match(/^endpoints\.yml:3: wait_time_between_pulls: expected whole seconds/)
    })
  }
})
