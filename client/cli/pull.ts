import type { Command } from 'commander'
import { Puller } from '../puller.ts'
import { DEFAULT_INTERVAL, DEFAULT_KEEP, DEFAULT_MAX_BYTES } from '../puller-options.ts'
import type { PullEvent } from '../events.ts'
import { shellCommand } from '../install/shell-command.ts'
import { shownText } from '../../protocol/shown-text.ts'
import { EXIT, PULL_EXIT_CODES_HELP, exitCodeOf } from './exit-code.ts'
import { byteCount, positiveSeconds, wholeNumber } from './option-values.ts'
import { progressBar } from './progress-bar.ts'
import { chooseSource } from './pull-source.ts'
import type { SourceOptions } from './pull-source.ts'
import { addSignatureOptions, signatureCheck, type SignatureOptions } from './signature-options.ts'
import { eventReporter } from './report-event.ts'
import { untilSignal } from './until-signal.ts'

interface PullOptions extends SourceOptions, SignatureOptions {
  to: string
  watch?: true
  interval?: number
  keep: number
  onChange?: string
  rollback: boolean
  offlineOk?: true
  retryRefused?: true
  maxBytes: number
  inspect: boolean
  json?: true
}

const EXAMPLES = `
Examples:
  slipway pull http://127.0.0.1:5080/models/shop@production --to models
  slipway pull --endpoints endpoints.yml --to models --watch
  slipway pull --remote-storage aws --model shop.tar.gz --to models
  slipway pull --model trained/ --to models
  slipway pull $URL --to models --offline-ok && rasa run --model models
  slipway pull $URL --to models --watch --on-change ./reload-bot
  slipway pull $URL --to models --verify-key signing.pub
`

/** `slipway pull SOURCE --to DIR`. */
export function addPull(program: Command): void {
  const command = program
    .command('pull')
    .description('fetch a model and install it in a folder atomically')
    .argument('[URL]', 'a model on a server: http://host/models/MODEL@TAG')
    .option('--endpoints <file>', 'the server under `models:` of this endpoints.yml, read as Rasa reads it')
    .option(
      '--model [path]',
      'a file, or the newest archive of a folder (models/); with --remote-storage, the name there',
    )
    .option('--remote-storage <storage>', 'aws, gcs, azure, or your own module: ./my-storage.mjs')
    .requiredOption('--to <dir>', 'the folder to install into')
    .option('--watch', 'keep polling')
    .option(
      '--interval <seconds>',
      `polling interval in seconds (default: ${DEFAULT_INTERVAL / 1000}); overrides endpoints.yml`,
      positiveSeconds,
    )
    .option('--keep <n>', 'number of older archives to keep', wholeNumber, DEFAULT_KEEP)
    .option(
      '--on-change <command>',
      'run after an install; exit code 0: done, 75: try again later, any other: go back to the previous archive',
    )
    .option('--no-rollback', 'refuse a release with a lower number than the installed one')
    .option('--offline-ok', 'exit with 0 instead of 6 if the last good archive is in place')
    .option('--retry-refused', 'fetch a refused archive again now; without it, after an hour')
    .option('--no-inspect', 'install the file without checking that it is a sound .tar.gz')
    .option('--max-bytes <n>', 'refuse a larger archive', byteCount, DEFAULT_MAX_BYTES)
    .option('--json', 'print one JSON object per line: event, path, digest, release, etag')
  addSignatureOptions(command)
    .addHelpText('after', EXAMPLES + PULL_EXIT_CODES_HELP)
    .action(async (url: string | undefined, options: PullOptions) => {
      process.exitCode = await pull(url, options)
    })
}

async function pull(url: string | undefined, options: PullOptions): Promise<number> {
  const chosen = await chooseSource(url, options, process.env)
  for (const warning of chosen.warnings) console.error(`warning: ${shownText(warning)}`)
  const signature = await signatureCheck(options, chosen.source.readBundle !== undefined)
  const report = eventReporter(options.json === true)
  const bar = progressBar(process.stderr, options.json === true)
  const { keep, maxBytes, inspect, onChange } = options
  let lastNotice: string | undefined
  const puller = new Puller({
    source: chosen.source,
    to: options.to,
    interval: options.interval ?? chosen.interval ?? (chosen.interval === null ? null : DEFAULT_INTERVAL),
    signature,
    keep,
    maxBytes,
    inspect,
    onChange: onChange === undefined ? undefined : shellCommand(onChange, process.env),
    allowRollback: options.rollback,
    retryRefused: options.retryRefused === true,
    onNotice: ({ code, message }) => {
      bar.stop()
      const words = code === 'attempt-failed' ? `${message}; trying again` : message
      if (words !== lastNotice) console.error(shownText(words))
      lastNotice = words
    },
    onProgress: bar.show,
  })
  return untilSignal(async (signal) => {
    // The terminal is given back at once: a second signal ends the process where it stands.
    signal.addEventListener('abort', bar.stop, { once: true })
    let last: PullEvent | undefined
    const events = options.watch === true ? puller.watch({ signal }) : once(puller, signal)
    try {
      for await (const event of events) {
        bar.stop()
        report(event)
        last = event
      }
    } finally {
      bar.stop()
      await puller.close()
    }
    if (signal.aborted || last === undefined) return EXIT.done
    return exitCodeOf(last, options.offlineOk === true)
  })
}

async function* once(puller: Puller, signal: AbortSignal): AsyncGenerator<PullEvent> {
  yield await puller.pull({ signal })
}
