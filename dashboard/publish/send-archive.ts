import type { Problem } from '../../protocol/problem.ts'
import type { Release } from '../../protocol/release.ts'

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
    request.upload.addEventListener('progress', ({ loaded }) => {
      onProgress(loaded)
    })
    request.addEventListener('load', () => {
      const { status, responseText } = request
      if (status === 200 || status === 201) resolve(JSON.parse(responseText) as Release)
      else
        reject(new Error(messageIn(responseText) ?? `the server, or a proxy before it, answered ${status}`))
    })
    request.addEventListener('error', () => {
      reject(new Error('the connection broke; nothing was published. Try again.'))
    })
    request.send(file)
  })
}

function messageIn(text: string): string | undefined {
  try {
    const { title, detail } = JSON.parse(text) as Partial<Problem>
    return detail ?? title
  } catch {
    return undefined
  }
}
