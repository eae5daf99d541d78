import { InvalidArgumentError, Option, type Command } from 'commander'
import { isRasaVersion } from '../../archives/metadata/rasa-version.ts'
import { DOCTOR_EXIT_CODES_HELP } from './exit-code.ts'
import type { DoctorCommandOptions } from './doctor/doctor-command-options.ts'

const EXAMPLES = `
Nothing is changed, and a Slipway does not take the doctor for a bot. What each
finding means: docs/doctor.md.

Examples:
  slipway doctor https://models.example.com/models/shop@production
  slipway doctor endpoints.yml --rasa-version 3.6.21
  SSL_CERT_FILE=ca.pem slipway doctor https://models.example.com/models/shop
  slipway doctor --store aws --model shop.tar.gz
`

/** Seconds for which a large archive is read slowly: longer than the time limit of 15 s that Envoy has by default. */
const SLOW_SECONDS = 20

/** `slipway doctor [URL]`. */
export function addDoctor(program: Command): void {
  program
    .command('doctor')
    .description(
      "play Rasa's exchange with a model server through all that stands between, and say what breaks it",
    )
    .argument('[URL]', 'a model on a server: http://host/models/MODEL@TAG; or an endpoints.yml')
    .option('--endpoints <file>', 'the server under `models:` of this endpoints.yml, read as Rasa reads it')
    .addOption(
      new Option('--store <cloud>', 'an object store, by the variables that Rasa reads').choices([
        'aws',
        'gcs',
        'azure',
      ]),
    )
    .option('--model <name>', 'with --store: the object that the bot loads')
    .option(
      '--rasa-version <version>',
      'the Rasa of the bots, such as 3.6.21: is the model one that it loads?',
      rasaVersion,
    )
    .option(
      '--slow <seconds>',
      'how long a large archive is read slowly, for time limits and buffers; 0 leaves it out',
      slowSeconds,
      SLOW_SECONDS,
    )
    .option(
      '--publish [MB]',
      'also send an upload of so many MB (16) that the server refuses, for limits on bodies; needs SLIPWAY_TOKEN',
      megabytes,
    )
    .option('--json', 'print one JSON object')
    .addHelpText('after', EXAMPLES + DOCTOR_EXIT_CODES_HELP)
    .action(async (address: string | undefined, options: DoctorCommandOptions) => {
      const { runDoctor } = await import('./doctor/run-doctor.ts')
      process.exitCode = await runDoctor(address, options, process.env)
    })
}

function rasaVersion(text: string): string {
  if (/^\d{1,3}\.\d/.test(text) && isRasaVersion(text)) return text
  throw new InvalidArgumentError('Expected a version such as 3.6.21.')
}

/** Read for longer, the large archive of the server would come to its end. */
const LONGEST_SECONDS = 120

function slowSeconds(text: string): number {
  const seconds = Number(text)
  if (/^\d{1,3}$/.test(text) && seconds <= LONGEST_SECONDS) return seconds
  throw new InvalidArgumentError(`Expected seconds, at most ${LONGEST_SECONDS}.`)
}

/** The upload is in memory as a whole. */
const MOST_MEGABYTES = 500

function megabytes(text: string): number {
  const number = Number(text)
  if (/^\d{1,3}$/.test(text) && number >= 1 && number <= MOST_MEGABYTES) return number
  throw new InvalidArgumentError(`Expected MB, from 1 to ${MOST_MEGABYTES}.`)
}
