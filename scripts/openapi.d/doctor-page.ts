import { FINDINGS, findingKind, type FindingCode } from '../../client/doctor/findings.ts'

/** docs/doctor.md: how `slipway doctor` is used, and every finding with what it means and what mends it. */
export function doctorPage(): string {
  const codes = Object.keys(FINDINGS) as FindingCode[]
  return `${INTRODUCTION}${codes.map(section).join('\n')}`
}

function section(code: FindingCode): string {
  const { concerns, level, meaning, remedy, settings = {} } = findingKind(code)
  const rows = Object.entries(settings).map(([proxy, setting]) => `- ${proxy}: ${asCode(setting)}`)
  const list = rows.length === 0 ? '' : `\n${rows.join('\n')}\n`
  return `### ${code}

${level === 'error' ? '**Error.**' : 'Warning.'} ${meaning}${concerns === undefined ? '' : ' Bots are not concerned.'}

${remedy}
${list}`
}

/** A setting is code, but where it is words about code. */
function asCode(setting: string): string {
  return /^(?:no |write |encode only )/.test(setting) ? setting.replaceAll('*', '\\*') : `\`${setting}\``
}

const INTRODUCTION = `# What is wrong between bots and their models

\`slipway doctor\` plays Rasa's exchange with a model server, through everything that stands between, and says in order
what works, what does not, and which setting mends it. It exits with 0 only where a real bot would work.

\`\`\`
slipway doctor https://models.example.com/models/shop@production
slipway doctor endpoints.yml --rasa-version 3.6.21
slipway doctor --store aws --model shop.tar.gz
\`\`\`

Run it where the bot runs: in its container, with its environment. The server need not be Slipway; of another one it says what can
be seen from outside.

## What it does

- It asks as Rasa 3.6 does: the same header fields in the same order, \`Accept-Encoding: gzip, deflate\`, the token in the query
  where endpoints.yml has one, and a new connection for each request. With a URL, \`SLIPWAY_TOKEN\` is sent to the origin of \`SLIPWAY_URL\`, as a
  Bearer token.
- It trusts the certificates that Rasa trusts: those of the machine, and \`SSL_CERT_FILE\`.
- It sends a fresh process name, then the entity tag that came back; plays a second bot, and one that is to be updated; downloads the archive and compares
  its bytes with their digest; asks for a part; and compares clocks.
- It inspects the archive that comes, as Slipway does when one is published: whether it is complete, which Rasa trained it, and whether a bot needs more than the
  archive to load it. With \`--rasa-version\`, the version that \`rasa --version\` prints where the bot runs, it says whether that Rasa loads it; without it, only that Rasa 3
  refuses what Rasa 1 and 2 trained. With a token that may read releases, it also says that the release was taken back from other bots.
- From a Slipway it also pulls a large archive that the server makes up (\`GET /api/v1/models/{model}/echo/archive\`, 64 MB, of which it reads some 5 MB), slowly for 20 s
  (\`--slow\`), and leaves in the middle: that shows time limits, and proxies that take archives whole.
- With \`--publish\` it uploads an archive without a model, of 16 MB or as many as are named. The server reads it and refuses it.

Nothing is published, no tag is moved, and no Slipway takes the doctor for a bot: it asks for the model itself only in ways that count as no poll.
The pull token is enough; \`--publish\` needs one that may publish.

## Exit codes

| code | meaning |
|---|---|
| 0 | a Rasa bot works there and can load the release that it would get, perhaps with warnings |
| 1 | something that was found is an error: a Rasa bot would not work there or, with \`--publish\`, uploads do not get through |
| 2 | wrong usage, or an endpoints.yml that Rasa could not read |

\`--json\` prints one object: \`{"works", "target", "findings": [{"level", "code", "message", "remedy", "settings"}], "way"}\`. A finding that is well has no \`code\`;
codes are never renamed.

## TLS and private authorities

Rasa's HTTP client (aiohttp) asks OpenSSL which authorities to trust: those of the machine, and the file that \`SSL_CERT_FILE\` names. The setting
\`cafile:\` in endpoints.yml has no effect on pulls, and Python's \`certifi\` does not count. So, with an authority of your own:

\`\`\`sh
SSL_CERT_FILE=/etc/ssl/our-ca.pem rasa run --endpoints endpoints.yml     # PEM: the root, and what is between it and the server
NODE_EXTRA_CA_CERTS=/etc/ssl/our-ca.pem slipway pull …                   # Node has a list of its own, and adds this file
SSL_CERT_FILE=/etc/ssl/our-ca.pem slipway doctor …                       # sees what Rasa will see
\`\`\`

In a container, mount the file and set the variable there. Debian's \`update-ca-certificates\` makes an authority known to the machine, and so to Rasa, but not to Node.
The server must send the certificates between its own and the root, or Rasa refuses (\`tls-untrusted\`).

## Findings

In the order of the checks. With an error no bot works, or it never learns of new releases; with a warning it does. Made of
\`client/doctor/findings/\` by \`scripts/openapi\`.

`
