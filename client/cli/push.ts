import { unlink } from 'node:fs/promises'
import { Option, type Command } from 'commander'
import { DEFAULT_MODEL } from '../../protocol/names.ts'
import { pushArchive } from '../api/push-archive.ts'
import { describePublished } from './describe-published.ts'
import { EXIT, exitCodesHelp } from './exit-code.ts'
import { progressBar } from './progress-bar.ts'
import { OIDC_FLAGS, OIDC_HELP } from './oidc-option.ts'
import { modelName } from './references.ts'
import { untilSignal } from './until-signal.ts'
import { signFile } from './sign.ts'
import { readBundleFile } from './signature-options.ts'
import { usageError } from './usage-error.ts'
import { withServer } from './with-server.ts'
import { print, printJson } from './print.ts'
import { printWarnings } from './print-warnings.ts'
import { jsonLine } from '../../protocol/shown-text.ts'

interface PushOptions {
  model?: string
  tag: string[]
  notes?: string
  name?: string
  sign?: string
  bundle?: string
  oidc?: string | true
  remoteStorage?: string
  deleteLocalCopy?: true
  json?: true
}

const EXAMPLES = `
Examples:
  slipway push models/20261123-084606-horizontal-rail.tar.gz --model shop
  slipway push bot.tar.gz --model shop --tag production --notes "$CI_COMMIT_TITLE"
  slipway push bot.tar.gz --model shop --sign signing.key
  slipway push bot.tar.gz --remote-storage aws --name shop.tar.gz
`

const EXIT_CODES_HELP = exitCodesHelp({
  disk: 'FILE cannot be read',
  conflict:
    'the model has as much as it may, or a tag cannot be moved to it, such as after it was taken back from bots; or the answer was lost, and somebody else has changed a tag since',
})

/** `slipway push FILE`, to a server or to a cloud. */
export function addPush(program: Command): void {
  program
    .command('push')
    .description('publish an archive on a server, or save it to a cloud')
    .argument('<FILE>', 'the archive')
    .option('--model <name>', `the model (default: ${DEFAULT_MODEL})`)
    .addOption(
      new Option('--tag <tag>', 'move this tag to the new release; may be repeated')
        .argParser((tag, tags: string[]) => [...tags, tag])
        .default([], 'none'),
    )
    .option('--notes <text>', 'a text that is kept with the release')
    .option('--name <name>', 'the file name of the release (default: the name of FILE)')
    .option('--sign <key>', 'sign the archive with this private key, as slipway sign does')
    .option('--bundle <file>', 'the signature of the archive: a Sigstore bundle')
    .option(OIDC_FLAGS, OIDC_HELP)
    .option('--remote-storage <storage>', 'save to aws, gcs, azure, or your own module, instead')
    .option('--delete-local-copy', 'delete FILE once it is saved')
    .option('--json', 'print the release as JSON')
    .addHelpText('after', EXAMPLES + EXIT_CODES_HELP)
    .action(async (file: string, options: PushOptions) => {
      await (options.remoteStorage === undefined
        ? publish(file, options)
        : save(file, options.remoteStorage, options))
      if (options.deleteLocalCopy === true && process.exitCode === EXIT.done) await unlink(file)
    })
}

function publish(
  file: string,
  { model = DEFAULT_MODEL, tag: tags, notes, name, sign, bundle, oidc, json }: PushOptions,
): Promise<void> {
  return withServer(
    async (client, signal) => {
      const signature = await readSignature(file, { sign, bundle })
      const bar = progressBar(process.stderr, json === true)
      // The terminal is given back at once: a second signal ends the process where it stands.
      signal.addEventListener('abort', bar.stop, { once: true })
      const push = {
        file,
        model: modelName(model),
        tags,
        notes,
        name,
        bundle: signature,
        onProgress: bar.show,
      }
      const release = await pushArchive(client, push).finally(bar.stop)
      printWarnings([...release.archive.warnings, ...(release.warnings ?? [])])
      if (json === true) printJson(release)
      else print(await describePublished(client, release, tags))
    },
    { oidc },
  )
}

async function readSignature(
  file: string,
  { sign, bundle }: { sign: string | undefined; bundle: string | undefined },
): Promise<Uint8Array | undefined> {
  if (sign !== undefined && bundle !== undefined)
    throw usageError('--sign makes a signature, and --bundle names one')
  if (bundle !== undefined) return readBundleFile(bundle)
  return sign === undefined ? undefined : Buffer.from((await signFile(file, sign, process.env)).bundle)
}

async function save(file: string, storage: string, options: PushOptions): Promise<void> {
  const { model, tag, notes, name, sign, bundle, oidc, json } = options
  const ofServer = [model, notes, sign, bundle, oidc, tag[0]]
  if (ofServer.some((option) => option !== undefined)) {
    throw usageError(
      '--model, --tag, --notes, --sign, --bundle and --oidc are for a Slipway server; --remote-storage takes --name only',
    )
  }
  const { saveToStorage } = await import('./save-to-storage.ts')
  process.exitCode = await untilSignal(async (signal) => {
    const saved = await saveToStorage(file, storage, name, process.env, signal)
    print(json === true ? jsonLine(saved) : saved.name)
    return EXIT.done
  })
}
