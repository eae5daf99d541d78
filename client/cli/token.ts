import type { Command } from 'commander'
import { PERMISSIONS } from '../../protocol/grant.ts'
import { shownText } from '../../protocol/shown-text.ts'
import { hideTokens } from '../../protocol/token-text.ts'
import type { MadeToken, Token } from '../../protocol/token.ts'
import { createToken, listTokens, revokeToken, rotateToken } from '../api/tokens.ts'
import { exitCodesHelp } from './exit-code.ts'
import { lengthOfTime, lifetime } from './option-values.ts'
import { print, printJson } from './print.ts'
import { serverProgram } from './server-program.ts'
import { readableTime } from '../../protocol/readable-time.ts'
import { table } from './table.ts'
import { usageError } from './usage-error.ts'
import { withServer } from './with-server.ts'

const EXAMPLES = `
A permission is one of ${PERMISSIONS.join(', ')},
for all models or some: publish:support-*, promote:*@staging. docs/access.md says what each opens.
The token is printed once, alone, to standard output; only its SHA-256 is kept.

Examples:
  slipway token create ci --allow 'publish:support-*' --allow 'promote:*@staging' --expires 90d
  slipway token list
  slipway token rotate ci --overlap 12h
  slipway token revoke ci
  slipway token create ada --admin     the first one, beside DATA_DIR of a stopped server
`

interface CreateOptions {
  allow: string[]
  expires?: number | 'never'
  admin?: true
  closesPulls?: true
  json?: true
}

const EXIT_CODES_HELP = exitCodesHelp({
  notFound: 'there is no such token',
  conflict:
    'there is a token of that name already, or making it would lock others out; the message says whom',
})

/** `slipway token create | list | rotate | revoke`. */
export function addToken(program: Command): void {
  const token = program
    .command('token')
    .description('make, list, rotate and revoke the tokens that open a server')
    .addHelpText('after', EXAMPLES + EXIT_CODES_HELP)
  addCreate(token)
  addList(token)
  addRotate(token)
  token
    .command('revoke')
    .description('revoke every token of a name: they open nothing any more, on any server within 5 s')
    .argument('<NAME>', 'the name of the token')
    .option('--json', 'print one JSON object')
    .addHelpText('after', EXIT_CODES_HELP)
    .action((name: string, { json }: { json?: true }) => {
      refuseSecret(name)
      return withServer(async (client) => {
        const warnings = await revokeToken(client, name)
        if (json === true)
          printJson({ name, state: 'revoked', ...(warnings.length === 0 ? {} : { warnings }) })
        else print(`${name} is revoked`)
        for (const warning of warnings) console.error(`warning: ${shownText(warning, 2000)}`)
      })
    })
}

/** Who looks for the token that leaked has it at hand, and not its name. It is sent nowhere. */
function refuseSecret(name: string): void {
  // A name may begin as tokens do: slipway_ci.
  if (hideTokens(name) === name) return
  throw usageError(
    'that is a token itself, and not its name, which slipway token list shows. Whose it is: a request with it says so ' +
      '(SLIPWAY_TOKEN=… slipway token list)',
  )
}

function addCreate(token: Command): void {
  token
    .command('create')
    .description('make a token')
    .argument('[NAME]', 'stands as author with all that it does; admin with --admin')
    .option('--allow <permission>', 'what it allows; may be repeated', collect, [])
    .option('--expires <time>', 'how long it is good, such as 90d; never is the default', lifetime)
    .option(
      '--admin',
      'make one that allows everything, in DATA_DIR on this machine (made where there is none); needs no server',
    )
    .option('--closes-pulls', 'let the first token that allows pull refuse bots without one from then on')
    .option('--json', 'print one JSON object')
    .addHelpText('after', EXAMPLES + EXIT_CODES_HELP)
    .action(async (name: string | undefined, options: CreateOptions) => {
      const { allow, admin, closesPulls, json } = options
      const expires = secondsOf(options.expires) ?? null
      if (admin === true) {
        if (allow.length > 0) throw usageError('--admin allows everything already: leave --allow out')
        await createBesideData(name ?? 'admin', expires, json)
        return
      }
      if (name === undefined) throw usageError('say what the token is called: slipway token create NAME')
      if (allow.length === 0) throw usageError("say what it allows: --allow 'publish:support-*'")
      await withServer(async (client) => {
        const request = { name, allow, expiresIn: expires }
        tell(await createToken(client, closesPulls === true ? { ...request, closesPulls } : request), json)
      })
    })
}

function addList(token: Command): void {
  token
    .command('list')
    .description('list the tokens, the last made first')
    .option('--all', 'also those that were replaced, have expired or were revoked')
    .option('--json', 'print one JSON object per token')
    .addHelpText('after', EXIT_CODES_HELP)
    .action(({ all, json }: { all?: true; json?: true }) =>
      withServer(async (client) => {
        const tokens = await listTokens(client)
        const shown = all === true ? tokens : tokens.filter(({ state }) => isGood(state))
        if (json === true) for (const each of shown) printJson(each)
        else print(table([HEADING, ...shown.map(rowOf)]))
      }),
    )
}

function addRotate(token: Command): void {
  token
    .command('rotate')
    .description('replace a token by one of the same name that allows the same')
    .argument('<NAME>', 'the name of the token')
    .option('--overlap <time>', 'how long the one before stays good; 24h is the default', lengthOfTime)
    .option('--expires <time>', 'how long the new one is good; as long as the one before was, else', lifetime)
    .option('--json', 'print one JSON object')
    .addHelpText('after', EXIT_CODES_HELP)
    .action((name: string, options: { overlap?: number; expires?: number | 'never'; json?: true }) => {
      refuseSecret(name)
      return withServer(async (client) => {
        const { overlap, expires, json } = options
        tell(await rotateToken(client, name, { overlap, expiresIn: secondsOf(expires) }), json)
      })
    })
}

/** Hands over to a program of the server, which has the catalog. */
async function createBesideData(name: string, expires: number | null, json: true | undefined): Promise<void> {
  const program = serverProgram('tools/create-admin-token')
  const options = [...(expires === null ? [] : ['--expires', String(expires)]), ...(json ? ['--json'] : [])]
  process.argv.splice(2, Infinity, name, ...options)
  await import(program.href)
}

/** null: it never ends. */
const secondsOf = (lifetime: number | 'never' | undefined) => (lifetime === 'never' ? null : lifetime)

const collect = (text: string, before: string[]): string[] => [...before, text]

/** The secret alone to standard output, for scripts; everything else is for people. */
function tell(made: MadeToken, json: true | undefined): void {
  if (json === true) {
    printJson(made)
    return
  }
  const { name, allow, expiresAt, secret } = made
  const until = expiresAt === null ? 'until it is revoked' : `until ${readableTime(expiresAt)}`
  console.error(`${name} allows ${allow.join(', ')} ${until}. Keep it: it is not shown again.`)
  print(secret)
}

const HEADING = ['NAME', 'STATE', 'ALLOWS', 'EXPIRES', 'LAST USED', 'MADE', 'BY', 'FOR']

function rowOf(token: Token): string[] {
  const { name, state, allow, expiresAt, lastUsedAt, createdAt, createdBy, subject, publishers } = token
  return [
    name,
    state,
    allow.join(' '),
    expiresAt === null ? 'never' : readableTime(expiresAt),
    lastUsedAt === null ? 'never' : readableTime(lastUsedAt),
    readableTime(createdAt),
    createdBy,
    subject === null ? '-' : [subject, ...moreThanOne(publishers)].join(' '),
  ]
}

function isGood(state: Token['state']): boolean {
  return state === 'active' || state === 'replaced'
}

/** Of one publisher the name of the token says enough; an earlier server says none. */
function moreThanOne(publishers: readonly string[] | undefined): string[] {
  return publishers === undefined || publishers.length < 2 ? [] : [`(${publishers.join(', ')})`]
}
