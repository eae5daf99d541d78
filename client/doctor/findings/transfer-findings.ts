import { error, warning, type FindingKind } from './finding-kind.ts'

/** What can happen to transfers, and what keeps the server from seeing who asks. */
export const TRANSFER_FINDINGS = {
  'answer-limit': error(
    'A proxy refuses large answers: a large archive never reaches a bot.',
    'Raise the limit on answers in the proxy.',
    { Squid: 'no reply_body_max_size', Apache: 'no SecResponseBodyLimit of mod_security' },
  ),
  'time-limit': error(
    'A proxy ends answers that take long: large archives, and bots on slow lines, never get theirs.',
    'Raise the time limits of the proxy to 300 s.',
    {
      nginx: 'proxy_read_timeout 300s; send_timeout 300s;',
      Apache: 'Timeout 300, ProxyTimeout 300',
      HAProxy: 'timeout server 300s; timeout client 300s',
      Caddy: 'no short read_timeout and write_timeout',
      Squid: 'read_timeout 5 minutes; write_timeout 5 minutes',
      Envoy: 'timeout: 0s and idle_timeout: 300s on the route',
    },
  ),
  buffered: warning(
    'A proxy takes whole archives off the server and passes them on later. Bots work; but the server sees archives as delivered that nobody got, and counts failed loads.',
    'Have the proxy pass archives on as they come.',
    {
      nginx: 'no proxy_ignore_headers X-Accel-Buffering; or proxy_buffering off;',
      Apache: 'no mod_cache and no filter that collects bodies',
      HAProxy: 'no "option http-buffer-request" and no cache',
      Caddy: 'no "response_buffers"',
      Squid: 'read_ahead_gap 64 KB; no delay pools, no content adaptation',
      Envoy: 'no buffer filter on this route; per_connection_buffer_limit_bytes 1 MiB',
    },
  ),
  'cut-unnoticed': warning(
    'A download that breaks off is not seen to break off by the server: it takes the bot for one that could not load the archive.',
    'Have the proxy end its connection to the server when the client has gone.',
    { nginx: 'proxy_ignore_client_abort off;', HAProxy: 'option abortonclose' },
  ),
  'parts-refused': warning(
    'Parts of archives cannot be asked for: `slipway pull` starts broken downloads anew. Rasa never asks for parts.',
    'Have the proxy pass Range and If-Range on.',
    {
      nginx: 'proxy_cache off; no proxy_force_ranges and no max_ranges 0',
      Apache: 'MaxRanges unlimited',
      Squid: 'no "request_header_access Range deny all"',
    },
  ),
  'addresses-hidden': warning(
    "The server takes the proxy's address for that of every client: bots without a name look like one, and limits count all of them together.",
    'Set SLIPWAY_TRUST_PROXY=1 on the server, and have the proxy send X-Forwarded-For.',
    {
      nginx: 'proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;',
      HAProxy: 'option forwardfor',
      Squid: 'forwarded_for on',
      Envoy: 'use_remote_address: true',
    },
  ),
  'clock-differs': warning(
    'The clocks of this machine and of the server differ: certificates, signatures and the times in logs are judged wrongly.',
    'Synchronise both clocks (NTP).',
  ),
  'diagnosis-limited': warning(
    'The diagnostic addresses of the server cannot be reached this way, so less can be seen: no buffering, no time limits, no caches.',
    'Pass /api/v1/models/ on to the server as well, or run the doctor with a token that may pull.',
  ),
} as const satisfies Record<string, FindingKind>
