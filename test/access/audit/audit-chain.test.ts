import { expect } from 'chai'
import fc from 'fast-check'
import { AuditChainCheck, CHECKPOINT, hashOfEntry, NO_ENTRY } from '../../../protocol/audit-chain.ts'
import { auditEntrySchema, type AuditEntry } from '../../../protocol/audit.ts'

type Content = Omit<AuditEntry, 'sequence' | 'previous' | 'hash'>

const content: fc.Arbitrary<Content> = fc.record({
  at: fc
    .date({ min: new Date(0), max: new Date(4e12), noInvalidDate: true })
    .map((date) => date.toISOString()),
  actor: fc.constantFrom('ada', 'ci', 'slipway'),
  subject: fc.option(fc.string()),
  address: fc.option(fc.ipV4()),
  request: fc.option(fc.constantFrom('7c9a41d2', 'x')),
  action: fc.constantFrom('tag.moved', 'release.published', 'refused'),
  model: fc.option(fc.constantFrom('shop', 'bank')),
  tag: fc.option(fc.constantFrom('production', 'staging')),
  before: fc.option(fc.record({ release: fc.nat(), reason: fc.string() })),
  after: fc.option(
    fc.dictionary(
      fc.string({ minLength: 1 }).filter((key) => key !== '__proto__'),
      fc.string(),
    ),
  ),
})

function chainOf(contents: readonly Content[], begin = NO_ENTRY): AuditEntry[] {
  let head = begin
  return contents.map((each) => {
    const unsealed = { ...each, sequence: head.sequence + 1, previous: head.hash }
    const entry = { ...unsealed, hash: hashOfEntry(unsealed) }
    head = entry
    return entry
  })
}

function faultOf(entries: readonly AuditEntry[], ...[head, seen]: [head?: AuditEntry, seen?: AuditEntry]) {
  const check = new AuditChainCheck(seen === undefined ? [] : [seen])
  for (const entry of entries) {
    const fault = check.take(entry)
    if (fault !== undefined) return fault
  }
  return check.end(head)
}

const chain = fc.array(content, { minLength: 2, maxLength: 8 }).map((contents) => chainOf(contents))

describe('a chain of the audit', () => {
  it('is whole as it was written', () => {
    fc.assert(
      fc.property(chain, (entries) => {
        expect(faultOf(entries, entries.at(-1))).to.equal(undefined)
      }),
    )
  })

  it('is whole after it went through JSON, whatever the order of its keys', () => {
    fc.assert(
      fc.property(chain, (entries) => {
        const copied = entries.map(
          (entry) =>
            JSON.parse(JSON.stringify(Object.fromEntries(Object.entries(entry).reverse()))) as AuditEntry,
        )
        expect(faultOf(copied)).to.equal(undefined)
      }),
    )
  })

  it('is broken by any entry that is missing, the last one too where the head is known', () => {
    fc.assert(
      fc.property(chain, fc.nat(), (entries, at) => {
        const gone = at % entries.length
        expect(faultOf(entries.toSpliced(gone, 1), entries.at(-1))).to.not.equal(undefined)
      }),
    )
  })

  it('is broken by any two entries that changed places, and by one that comes twice', () => {
    fc.assert(
      fc.property(chain, fc.nat(), (entries, at) => {
        const index = at % (entries.length - 1)
        const [one, other] = [entries[index]!, entries[index + 1]!]
        expect(faultOf(entries.toSpliced(index, 2, other, one))).to.not.equal(undefined)
        expect(faultOf(entries.toSpliced(index, 0, one))).to.not.equal(undefined)
      }),
    )
  })

  it('is broken by an entry whose content was changed, also with a hash that fits it', () => {
    fc.assert(
      fc.property(chain, fc.nat(), (entries, at) => {
        const index = at % (entries.length - 1)
        const { hash: _, ...changed } = { ...entries[index]!, actor: 'mallory' }
        expect(faultOf(entries.with(index, { ...changed, hash: entries[index]!.hash }))).to.not.equal(
          undefined,
        )
        expect(faultOf(entries.with(index, { ...changed, hash: hashOfEntry(changed) }))).to.not.equal(
          undefined,
        )
      }),
    )
  })

  it('that was written anew from some entry on is another one than was seen before', () => {
    const entries = chainOf(fc.sample(content, 5))
    const forged = chainOf(entries.map((entry) => ({ ...entry, actor: 'mallory' })))
    expect(faultOf(forged)).to.equal(undefined)
    expect(faultOf(forged, undefined, entries[3])).to.include({ sequence: 4 })
    expect(faultOf(entries.slice(0, 3), undefined, entries[3])).to.include({ sequence: 3 })
    expect(faultOf(entries, undefined, entries[3])).to.equal(undefined)
  })

  it('of which any byte is another is no chain', () => {
    const [seed] = fc.sample(fc.array(content, { minLength: 3, maxLength: 3 }), { numRuns: 1, seed: 7 })
    const text = chainOf(seed!)
      .map((entry) => JSON.stringify(auditEntrySchema.parse(entry)))
      .join('\n')
    const bytes = Buffer.from(text)
    const passed: number[] = []
    for (let at = 0; at < bytes.length; at++) {
      const flipped = Buffer.from(bytes)
      flipped[at] = bytes[at]! ^ (1 << (at % 8))
      if (passes(flipped.toString())) passed.push(at)
    }
    expect(passes(text)).to.equal(true)
    expect(passed).to.deep.equal([])
  })

  it('may begin behind what was dropped, where a checkpoint says so, and only there', () => {
    const entries = chainOf(fc.sample(content, 6))
    const last = entries.at(-1)!
    const checkpoint = (dropped: AuditEntry): AuditEntry[] => {
      const after = { dropped: dropped.sequence, hash: dropped.hash }
      return chainOf([{ ...last, action: CHECKPOINT, model: null, tag: null, before: null, after }], last)
    }
    const left = entries.slice(3)
    expect(faultOf(left)).to.include({ sequence: 4 })
    expect(faultOf([...left, ...checkpoint(entries[2]!)])).to.equal(undefined)
    expect(faultOf([...left, ...checkpoint(entries[1]!)])).to.include({ sequence: 4 })
    expect(faultOf([...left.slice(1), ...checkpoint(entries[2]!)])).to.include({ sequence: 5 })
  })

  it('that was written anew, and says that what was seen before is dropped, is another one', () => {
    const entries = chainOf(fc.sample(content, 4))
    const forged = chainOf(entries.map((entry) => ({ ...entry, actor: 'mallory' })))
    const dropped = forged[2]!
    const after = { dropped: dropped.sequence, hash: dropped.hash }
    const [checkpoint] = chainOf([{ ...forged[3]!, action: CHECKPOINT, before: null, after }], forged[3])
    const left = [forged[3]!, checkpoint!]
    expect(faultOf(left)).to.equal(undefined)
    expect(faultOf(left, undefined, dropped)).to.equal(undefined)
    expect(faultOf(left, undefined, entries[2])).to.include({ sequence: 4 })
  })

  it('of no entry at all is whole, unless one was seen before', () => {
    expect(faultOf([])).to.equal(undefined)
    const [entry] = chainOf(fc.sample(content, 1))
    expect(faultOf([], entry)).to.not.equal(undefined)
    expect(faultOf([], undefined, entry)).to.not.equal(undefined)
  })
})

/** As `slipway audit verify FILE` reads an export. */
function passes(text: string): boolean {
  const entries: AuditEntry[] = []
  for (const line of text.split('\n')) {
    try {
      const read = auditEntrySchema.safeParse(JSON.parse(line))
      if (!read.success || JSON.stringify(read.data) !== line) return false
      entries.push(read.data)
    } catch {
      return false
    }
  }
  return entries.length === 3 && faultOf(entries) === undefined
}
