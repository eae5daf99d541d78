import { anArchive } from '../../test/support/archive-builder.ts'
import type { RunningServer } from './start-server.ts'

/**
 * Publishes so many small archives, four at a time, as each waits for the disk.
 *
 * @param first Which archive comes first: the same one has the same bytes.
 */
export async function publishMany({ url }: RunningServer, count: number, first = 0): Promise<void> {
  let next = first
  const work = async (): Promise<void> => {
    while (next < first + count) {
      const body = new Uint8Array(anArchive({ metadata: { model_id: String(next++).padStart(32, '0') } }))
      const answer = await fetch(`${url}/models/default`, { method: 'POST', body })
      if (answer.status !== 201) throw new Error(`publishing gave ${answer.status}: ${await answer.text()}`)
      await answer.body?.cancel()
    }
  }
  await Promise.all([work(), work(), work(), work()])
}
