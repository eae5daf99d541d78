import type { Problem } from '../../protocol/problem.ts'
import type { Release } from '../../protocol/release.ts'
import { BY_SCRIPT } from '../api/by-script.ts'

/**
 * Sends an archive, and tells how many bytes have gone. `fetch` cannot tell: it is an XMLHttpRequest therefore.
 *
 * @returns The release that it became. Rejects with what the server said.
 */
export function sendArchive(
  address: string,
  file: File,
  onProgress: (sent: number) => void,
): Promise<Release> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest()
    request.open('POST', address)
    request.setRequestHeader('Content-Type', 'application/gzip')
    for (const [name, value] of Object.entries(BY_SCRIPT)) request.setRequestHeader(name, value)
    request.upload.addEventListener('progress', ({ loaded }) => {
      onProgress(loaded)
    })
    request.addEventListener('load', () => {
      const { status, responseText } = request
      const release = status === 200 || status === 201 ? releaseIn(responseText) : undefined
      if (release !== undefined) resolve(release)
      else
        reject(new Error(messageIn(responseText) ?? `the server, or a proxy before it, answered ${status}`))
    })
    request.addEventListener('error', () => {
      // The answer may have been lost after the release was made.
      reject(
        new Error(
          'the connection broke. Try again: while it is the newest release, the same archive makes no second one.',
        ),
      )
    })
    request.send(file)
  })
}

/** undefined: it is no release. A proxy may answer 200 with a page of its own, such as one to sign in. */
function releaseIn(text: string): Release | undefined {
  try {
    const read = JSON.parse(text) as Partial<Release> | null
    return typeof read?.number === 'number' ? (read as Release) : undefined
  } catch {
    return undefined
  }
}

function messageIn(text: string): string | undefined {
  try {
    const { title, detail } = JSON.parse(text) as Partial<Problem>
    return detail ?? title
  } catch {
    return undefined
  }
}
