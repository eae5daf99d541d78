import type { Command } from 'commander'
import {
  trustRequestSchema,
  type TrustedPublisher,
  type TrustRequest,
} from '../../protocol/trusted-publisher.ts'
import { addTrustedPublisher, listTrustedPublishers, removeTrustedPublisher } from '../api/trust.ts'
import { exitCodesHelp } from './exit-code.ts'
import { print, printJson } from './print.ts'
import { serverAddress } from './server-address.ts'
import { readableTime } from '../../protocol/readable-time.ts'
import { table } from './table.ts'
import { GITHUB, GITLAB, publisherOf, type TrustOptions } from './trusted-publisher.ts'
import { usageError } from './usage-error.ts'
import { withServer } from './with-server.ts'

const EXAMPLES = `
ISSUER is github, gitlab, kubernetes, or the address of an OpenID Connect issuer.
The audience is the address of the server unless --audience says otherwise;
slipway push --oidc asks for the same.

Examples:
  slipway trust add github --repository-id 123456789 --ref refs/heads/main --allow publish:shop
  slipway trust add github --repository-owner-id 4242 --environment production --allow 'publish:shop-*'
  slipway trust add gitlab --claim project_id=42 --claim ref_protected=true --allow publish:shop
  slipway trust add kubernetes --issuer https://oidc.example.com --namespace ml --service-account trainer \\
    --allow publish:shop
  slipway trust remove github-123456789
`

const EXIT_CODES_HELP = exitCodesHelp({
  notFound: 'there is no such trusted publisher',
  conflict: 'there is one of that name already',
})

/** `slipway trust add | list | remove`. */
export function addTrust(program: Command): void {
  const trust = program
    .command('trust')
    .description('say whose CI jobs need no token: their identity is exchanged for one of 15 minutes')
    .addHelpText('after', EXAMPLES + EXIT_CODES_HELP)
  addAdd(trust)
  trust
    .command('list')
    .description('list the trusted publishers')
    .option('--json', 'print one JSON object per publisher')
    .addHelpText('after', EXIT_CODES_HELP)
    .action(({ json }: { json?: true }) =>
      withServer(async (client) => {
        const publishers = await listTrustedPublishers(client)
        if (json === true) for (const each of publishers) printJson(each)
        else
          print(
            table([
              ['NAME', 'ISSUER', 'AUDIENCE', 'CLAIMS', 'ALLOWS', 'SINCE', 'BY'],
              ...publishers.map(rowOf),
            ]),
          )
      }),
    )
  trust
    .command('remove')
    .description('stop trusting a publisher, and revoke the tokens that were issued to it')
    .argument('<NAME>', 'the name of the trusted publisher')
    .option('--json', 'print one JSON object')
    .addHelpText('after', EXIT_CODES_HELP)
    .action((name: string, { json }: { json?: true }) =>
      withServer(async (client) => {
        await removeTrustedPublisher(client, name)
        if (json === true) printJson({ name, removed: true })
        else print(`${name} is trusted no more`)
      }),
    )
}

function addAdd(trust: Command): void {
  trust
    .command('add')
    .description('trust the jobs of a publisher')
    .argument('<ISSUER>', 'github, gitlab, kubernetes, or the address of an issuer')
    .option('--name <name>', 'stands as author with all that its jobs do; made of the ids unless given')
    .option('--allow <permission>', 'what its tokens allow: publish:shop; may be repeated', collect, [])
    .option('--audience <text>', 'whom identity tokens must be for (default: the address of the server)')
    .option('--issuer <url>', 'the issuer, where it is not that of github.com or gitlab.com')
    .option('--repository-id <id>', 'github: gh api repos/OWNER/NAME --jq .id')
    .option('--repository-owner-id <id>', 'github: gh api users/OWNER --jq .id')
    .option('--ref <ref>', 'github, gitlab: such as refs/heads/main; * stands for any characters')
    .option('--environment <name>', 'github, gitlab: the deployment environment')
    .option('--workflow-ref <ref>', 'github: acme/shop/.github/workflows/train.yml@refs/heads/main')
    .option('--job-workflow-ref <ref>', 'github: the reusable workflow that the job is of')
    .option('--project-id <id>', 'gitlab: the number of the project')
    .option('--namespace <name>', 'kubernetes: of the service account')
    .option('--service-account <name>', 'kubernetes: its name')
    .option('--claim <name=value>', 'any other claim; may be repeated', collect, [])
    .option('--json', 'print the trusted publisher as JSON')
    .addHelpText('after', EXAMPLES + EXIT_CODES_HELP)
    .action(async (issuer: string, options: TrustOptions & { json?: true }) => {
      const request = requireSound(publisherOf(issuer, options, serverAddress(process.env).url.origin))
      await withServer(async (client) => {
        const added = await addTrustedPublisher(client, request)
        if (options.json === true) printJson(added)
        else print(`${added.name} is trusted: ${claimsOf(added)} may ${added.allow.join(', ')}`)
      })
    })
}

/** What the server would refuse for its form is said without asking it. */
function requireSound(request: TrustRequest): TrustRequest {
  if (request.allow.length === 0) throw usageError('say what its tokens allow: --allow publish:shop')
  const result = trustRequestSchema.safeParse(request)
  if (result.success) return result.data
  throw usageError(result.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; '))
}

function rowOf(publisher: TrustedPublisher): string[] {
  const { name, issuer, audience, allow, createdAt, createdBy } = publisher
  const known = { [GITHUB]: 'github', [GITLAB]: 'gitlab' }[issuer] ?? issuer
  return [name, known, audience, claimsOf(publisher), allow.join(' '), readableTime(createdAt), createdBy]
}

function claimsOf({ claims }: Pick<TrustedPublisher, 'claims'>): string {
  return Object.entries(claims)
    .map(([claim, value]) => `${claim}=${value}`)
    .join(' ')
}

const collect = (text: string, before: string[]): string[] => [...before, text]
