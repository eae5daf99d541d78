import { anArchive } from '../../test/support/archive-builder.ts'
import type { RunningServer } from './start-server.ts'

/** Publishes so many small archives, four at a time, as each waits for the disk. */
export async function publishMany({ url }: RunningServer, count: number): Promise<void> {
  let next = 0
  const work = async (): Promise<void> => {
    while (next < count) {
      const body = new Uint8Array(anArchive({ metadata: { model_id: String(next++).padStart(32, '0') } }))
      const answer = await fetch(`${url}/models/default`, { method: 'POST', body })
      if (answer.status !== 201) throw new Error(`publishing gave ${answer.status}: ${await answer.text()}`)
      await answer.body?.cancel()
    }
  }
  await Promise.all([work(), work(), work(), work()])
}
