import { expect } from 'chai'
import { rememberRead } from '../../../server/http/reply/remember-read.ts'

/** Something that remembers what it read, and the texts that it had to read. */
function aMemory(most: number) {
  const reads: string[] = []
  const read = rememberRead(
    (text) => {
      reads.push(text)
      return text === 'nothing' ? undefined : { text }
    },
    { most, longest: 20 },
  )
  return {
    /** Asks for each text. @returns those that had to be read. */
    ask(texts: readonly string[]): string[] {
      reads.length = 0
      for (const text of texts) expect(read(text)?.text).to.equal(text === 'nothing' ? undefined : text)
      return [...reads]
    },
  }
}

const names = (prefix: string, count: number) =>
  Array.from({ length: count }, (_, number) => `${prefix} ${number}`)

describe('what is remembered of texts that are sent again and again', () => {
  it('is read once', () => {
    const memory = aMemory(10)
    expect(memory.ask(['a', 'b', 'a', 'b'])).to.deep.equal(['a', 'b'])
  })

  it('is read once of texts that end alike, and never taken for that of another', () => {
    const memory = aMemory(10)
    const alike = ['one of them', 'two of them', '3 of them', 'them']
    expect(memory.ask(alike)).to.deep.equal(alike)
    for (let round = 0; round < 3; round++) expect(memory.ask(alike)).to.deep.equal([])
  })

  it('is nothing of long texts, and of those that say nothing', () => {
    const memory = aMemory(10)
    const long = 'x'.repeat(21)
    expect(memory.ask([long, 'nothing', long, 'nothing'])).to.deep.equal([long, 'nothing', long, 'nothing'])
  })

  it('is all of them where there is room', () => {
    const memory = aMemory(10)
    const bots = names('bot', 10)
    memory.ask(bots)
    for (let round = 0; round < 5; round++) expect(memory.ask(bots)).to.deep.equal([])
  })

  it('is a part of them, the same each time, where there are more than there is room for', () => {
    const memory = aMemory(200)
    const bots = names('bot', 500)
    memory.ask(bots)
    memory.ask(bots)
    for (let round = 0; round < 20; round++) expect(memory.ask(bots)).to.have.lengthOf(300)
  })

  it('outlives any number of texts that are sent once', () => {
    const memory = aMemory(200)
    const bots = names('bot', 30)
    memory.ask(bots)
    for (let round = 0; round < 20; round++) {
      expect(memory.ask(bots), `round ${round}`).to.deep.equal([])
      memory.ask(names(`invented ${round}`, 350))
    }
  })

  it('is what is sent now, a few polls after all of it changed', () => {
    const memory = aMemory(200)
    for (let release = 0; release < 20; release++) {
      const bots = names(`release ${release}`, 150)
      for (let round = 0; round < 12; round++) memory.ask(bots)
      expect(memory.ask(bots), `release ${release}`).to.deep.equal([])
    }
  })

  it('is bounded: what was sent before is read again in the end', () => {
    const memory = aMemory(10)
    const old = names('old', 8)
    memory.ask(old)
    for (let round = 0; round < 10; round++) memory.ask(names(`new ${round}`, 20))
    expect(memory.ask(old)).to.deep.equal(old)
  })
})
