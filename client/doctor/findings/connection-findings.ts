import { error, warning, type FindingKind } from './finding-kind.ts'

/** What endpoints.yml, the network, TLS and redirects can do. */
export const CONNECTION_FINDINGS = {
  'endpoints-warning': warning(
    'Rasa does not read this line of endpoints.yml as it was probably meant.',
    'Change the line that is named.',
  ),
  'pulls-once': warning(
    'The bot asks for a model once, when it starts, and never again.',
    'Set wait_time_between_pulls to a number of seconds.',
  ),
  'host-unknown': error(
    'The name of the server cannot be looked up.',
    'Check the address and the DNS of this machine.',
  ),
  unreachable: error(
    'Nothing takes connections at this address.',
    'Check that the server runs, its HOST and PORT, and firewalls on the way.',
  ),
  'no-answer': error(
    'The connection is taken, and no answer comes.',
    'Look whether the proxy reaches the server, and whether the server is overloaded.',
  ),
  'not-http': error('What answers does not speak HTTP.', 'Check the port, and whether it wants https://.'),
  'ssl-cert-file': warning(
    'The file that SSL_CERT_FILE names cannot be read, so Python goes on without it.',
    'Correct the path, or the permissions of the file.',
  ),
  'tls-untrusted': error(
    "Rasa does not trust the server's certificate: no authority that its Python knows has signed it.",
    'Start Rasa with SSL_CERT_FILE=/path/to/ca.pem (the certificate of your authority, and those between).',
  ),
  'tls-wrong-name': error(
    'The certificate is for another name than the one in the address.',
    'Use a name that the certificate has, or have one issued with this name.',
  ),
  'tls-expired': error(
    'The certificate is not valid at this time.',
    'Renew it; check the clock of this machine.',
  ),
  'tls-failed': error(
    'No encrypted connection comes about.',
    'Check that the port speaks TLS 1.2 or later, and the ciphers that it offers.',
  ),
  'tls-ends-soon': warning('The certificate ends soon.', 'Renew it.'),
  'tls-not-for-puller': warning(
    'Rasa trusts the certificate, and Node, which `slipway pull` runs on, does not.',
    'Run slipway with NODE_EXTRA_CA_CERTS=/path/to/ca.pem.',
  ),
  redirected: warning(
    'The address redirects: each poll takes two requests, and the first one carries the token as well.',
    'Write the last address into url: of endpoints.yml.',
    {
      nginx: 'no "return 301" for this location',
      Apache: 'no "Redirect" or "RewriteRule [R]" for this location',
      HAProxy: 'no "http-request redirect" for this path',
      Caddy: 'write the site as http://… where it must not redirect to https',
      Envoy: 'no "redirect" on this route',
      Squid: 'no url_rewrite_program and no deny_info with a URL',
    },
  ),
  'redirected-elsewhere': warning(
    'The address redirects to another origin. Rasa sends its password and its own header fields on to it; `slipway pull` refuses to follow.',
    'Write the last address into url: of endpoints.yml.',
  ),
  'redirect-loop': error('The address redirects without an end.', 'Check the redirects of the proxy.'),
} as const satisfies Record<string, FindingKind>
