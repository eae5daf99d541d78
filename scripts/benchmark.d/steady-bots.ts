import { request } from 'node:http'
import { setTimeout as pause } from 'node:timers/promises'

// Polls at a fixed rate, each with a new connection, whether or not earlier ones are answered: as many bots do.
// Prints a JSON array of milliseconds, from when a poll was due to the end of its answer.
const [, , url = '', tag = '', perSecond = '100', seconds = '5'] = process.argv

async function poll(due: number): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    const asked = request(url, { agent: false, headers: { 'If-None-Match': tag } }, (answer) => {
      if (answer.statusCode !== 304) reject(new Error(`a poll was answered with ${answer.statusCode ?? 0}`))
      answer.resume().once('end', resolve)
    })
    asked.once('error', reject).end()
  })
  return performance.now() - due
}

const started = performance.now()
const asked: Promise<number>[] = []
const total = Number(perSecond) * Number(seconds)
while (asked.length < total) {
  const due = started + (asked.length / Number(perSecond)) * 1000
  if (due > performance.now()) await pause(due - performance.now())
  asked.push(poll(due))
}
console.log(JSON.stringify(await Promise.all(asked)))
