import { request } from 'node:http'

// So many downloads begun at once, each with a connection of its own, as bots that all see a new release do.
// Prints JSON: `times`, milliseconds from the common start to the last byte of each, and `cut`, how many did not get there;
// standard error says why.
const [, , url = '', bots = '1000'] = process.argv

async function download(started: number): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    const asked = request(url, { agent: false }, (answer) => {
      if (answer.statusCode !== 200)
        reject(new Error(`a download was answered with ${answer.statusCode ?? 0}`))
      answer.once('error', reject).once('end', resolve).resume()
    })
    asked.once('error', reject).end()
  })
  return performance.now() - started
}

const started = performance.now()
const downloads = await Promise.allSettled(Array.from({ length: Number(bots) }, () => download(started)))
const times = downloads.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []))
for (const [reason, failed] of Map.groupBy(reasonsOf(downloads), (reason) => reason))
  console.error(`${failed.length} of ${downloads.length} downloads failed: ${reason}`)
console.log(JSON.stringify({ times, cut: downloads.length - times.length }))

function reasonsOf(results: readonly PromiseSettledResult<number>[]): string[] {
  return results.flatMap((one) => (one.status === 'rejected' ? [String(one.reason)] : []))
}
