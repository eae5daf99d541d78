import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { createInterface } from 'node:readline'
import { killGroupAtExit, removeFolderAtExit } from '../end-with-us.ts'

/** What Rasa makes of an archive; see judge.py. */
export interface Judgement {
  /** Why it does not load. */
  load?: string
  /** Why no message is understood. */
  parse?: string
  /** What it takes "hello" for. */
  intent?: string | null
  /** What is answered to "hello" and to "/greet": texts, or why nothing can be. */
  reply?: (string | null)[] | string
  command?: (string | null)[] | string
}

/** An interpreter grows by what every archive leaves behind, so that each is asked no more than so often. */
const ARCHIVES_PER_PROCESS = 60

/** Asks a Rasa about archives, and remembers the answers by digest from one run to the next. */
export class ArchiveJudge {
  readonly #python: string
  readonly #file: string
  readonly #known: Record<string, Judgement>

  private constructor(python: string, file: string, known: Record<string, Judgement>) {
    this.#python = python
    this.#file = file
    this.#known = known
  }

  /** @param file where the answers are kept, as JSON; its folder is there */
  static async open(python: string, file: string): Promise<ArchiveJudge> {
    const known = await readFile(file, 'utf8').catch(() => '{}')
    return new ArchiveJudge(python, file, JSON.parse(known) as Record<string, Judgement>)
  }

  /** Asks about all of these that are not known yet. */
  async prepare(archives: readonly Uint8Array[]): Promise<void> {
    const unknown = new Map(archives.map((archive) => [digestOf(archive), archive]))
    for (const digest of Object.keys(this.#known)) unknown.delete(digest)
    const queue = [...unknown]
    while (queue.length > 0) {
      const answered = await this.#ask(queue.slice(0, ARCHIVES_PER_PROCESS))
      queue.splice(0, answered)
    }
  }

  /** @throws Error where it was not prepared */
  judgementOf(archive: Uint8Array): Judgement {
    const judgement = this.#known[digestOf(archive)]
    if (!judgement) throw new Error('prepare() has not asked about this archive')
    return judgement
  }

  /** Writes it down at once: an answer may have taken a minute, and the run may be ended at any time. */
  async #remember(digest: string, judgement: Judgement): Promise<void> {
    this.#known[digest] = judgement
    await writeFile(`${this.#file}.new`, JSON.stringify(this.#known))
    await rename(`${this.#file}.new`, this.#file)
  }

  /** Asks in a process of its own; returns how many of the archives it got to. */
  async #ask(archives: readonly [digest: string, archive: Uint8Array][]): Promise<number> {
    const folder = await mkdtemp(path.join(tmpdir(), 'slipway-judge-'))
    const judge = spawn(this.#python, [path.join(import.meta.dirname, 'judge.py')], {
      cwd: folder,
      stdio: ['pipe', 'pipe', 'ignore'],
      detached: true,
    })
    const forget = [removeFolderAtExit(folder), ...(judge.pid ? [killGroupAtExit(judge.pid)] : [])]
    try {
      const files = archives.map(([digest]) => path.join(folder, `${digest}.tar.gz`))
      for (const [index, [, archive]] of archives.entries()) await writeFile(files[index] ?? '', archive)
      judge.stdin.on('error', () => undefined).end(files.map((file) => `${file}\n`).join(''))
      const answers = createInterface({ input: judge.stdout })[Symbol.asyncIterator]()
      for (const [index, [digest]] of archives.entries()) {
        const answer = await answers.next()
        // An archive that takes Rasa down with it does not load either.
        await this.#remember(
          digest,
          answer.done ? { load: 'the process ended' } : (JSON.parse(answer.value) as Judgement),
        )
        if (answer.done) return index + 1
      }
      return archives.length
    } finally {
      judge.kill('SIGKILL')
      await rm(folder, { recursive: true, force: true })
      for (const each of forget) each()
    }
  }
}

function digestOf(archive: Uint8Array): string {
  return createHash('sha256').update(archive).digest('hex')
}

/**
 * What a judgement means beside that of the archive as it was trained: `sound`; `unloadable`; or `unusable`, where
 * it loads and then fails every message, or answers none that it answered before.
 */
export function verdictOf(judgement: Judgement, trained: Judgement): 'sound' | 'unloadable' | 'unusable' {
  if (judgement.load !== undefined) return 'unloadable'
  const lost = (key: 'reply' | 'command'): boolean => answers(trained[key]) && !answers(judgement[key])
  const failed = judgement.parse !== undefined && trained.parse === undefined
  const silent = lost('command') && !answers(judgement.reply)
  return failed || silent ? 'unusable' : 'sound'
}

function answers(reply: Judgement['reply']): boolean {
  return Array.isArray(reply) && reply.length > 0
}
