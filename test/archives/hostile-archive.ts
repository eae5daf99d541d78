import { expect } from 'chai'
import type { ArchiveLimits } from '../../archives/archive-limits.ts'
import type { ArchiveRefusalCode } from '../../archives/archive-refused.ts'
import type { ProblemCode } from '../../protocol/problem-table.ts'
import { ArchiveRefused } from '../../archives/archive-refused.ts'
import { archiveMembers, gzipOf, tarOf } from '../support/archive-builder.ts'
import type { TarMember } from '../support/archive-builder.ts'
import { check, inspect, outcomeOf } from './inspect.ts'

/** An archive that must not be taken. */
export interface HostileArchive {
  name: string
  /** Problems of the API, too: whoever writes one that is none there gets no further than the compiler. */
  code: ArchiveRefusalCode & ProblemCode
  bytes: () => Buffer
  limits?: ArchiveLimits
  /** Where bytes and tar are sound, and only Rasa would stumble: the puller takes it. */
  sound?: boolean
}

/** A test for each: inspection refuses it with its own code, in one piece and in many; so does the check. */
export function describeHostileArchives(topic: string, archives: readonly HostileArchive[]): void {
  describe(`hostile archives: ${topic}`, () => {
    for (const { name, code, bytes, limits, sound } of archives) {
      it(`refuses ${name} as ${code}`, async () => {
        const archive = bytes()
        const options = limits ? { limits } : {}
        expect(await outcomeOf(inspect(archive, options)), 'in one piece').to.equal(code)
        const pieceSize = Math.max(1, Math.ceil(archive.length / 500))
        expect(await outcomeOf(inspect(archive, { ...options, pieceSize })), 'in small pieces').to.equal(code)
        expect(await outcomeOf(check(archive, limits)), 'by the puller').to.equal(sound ? 'accepted' : code)
        const refusal: unknown = await inspect(archive, options).catch((error: unknown) => error)
        expect(refusal).to.be.instanceOf(ArchiveRefused)
        expect((refusal as ArchiveRefused).message).to.match(/^[^\p{Cc}]{20,1000}$/u)
      })
    }
  })
}

/** A sound archive with these members in addition. */
export function withMembers(...members: TarMember[]): Buffer {
  const all = archiveMembers({ modelId: '0'.repeat(32) })
  return gzipOf(tarOf([...all.slice(0, -1), ...members, ...all.slice(-1)]))
}

/** A sound archive whose last ordinary file goes through `alter` before its checksum is made. */
export function withHeader(alter: (header: Buffer) => void, keepChecksum = false): Buffer {
  return withMembers({ path: 'components/spoilt', content: 'x', alter, keepChecksum })
}

/** A sound tar of a sound archive, to be cut and bent. */
export function soundTar(): Buffer {
  return tarOf(archiveMembers({ modelId: '0'.repeat(32) }))
}
