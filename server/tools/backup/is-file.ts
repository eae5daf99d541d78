import { stat } from 'node:fs/promises'

/** Whether there is a file that can be reached. */
export async function isFile(file: string): Promise<boolean> {
  return stat(file).then(
    (facts) => facts.isFile(),
    () => false,
  )
}
