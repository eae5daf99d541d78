import { error, warning, type FindingKind } from './finding-kind.ts'

const NO_COMPRESSION = {
  nginx: 'gzip off;',
  Apache: 'SetEnvIf Request_URI "^/models/" no-gzip=1 no-brotli=1',
  HAProxy: 'no "compression algo" and "compression type" for this backend',
  Caddy: 'encode only with a matcher that leaves out /models/*',
  Envoy: 'no application/gzip in content_type of the compressor filter',
} as const

const NO_CACHE = {
  nginx: 'proxy_cache off;',
  Apache: 'CacheDisable "/"',
  HAProxy: 'no "http-request cache-use" and "http-response cache-store"',
  Squid: 'cache deny all',
  Caddy: 'no cache handler in front of Slipway',
  Envoy: 'no cache filter on this route',
} as const

/** What proxies do to queries, conditions, entity tags and bytes. */
export const ARCHIVE_FINDINGS = {
  'query-stripped': error(
    'The query does not arrive, and the token with it.',
    'Have the proxy pass the query on.',
    {
      nginx: 'proxy_pass http://server:5080; without a path or variables',
      Apache: 'RewriteRule … [P,QSA]',
      HAProxy: 'no "http-request set-query" and "set-uri"',
      Caddy: 'no "uri query" and no rewrite that ends in "?"',
      Envoy: 'no regex_rewrite that drops the query',
      Squid: 'no url_rewrite_program that drops the query',
    },
  ),
  'condition-stripped': error(
    'If-None-Match does not arrive at the server: every poll is answered with the whole archive, and Rasa loads it each time.',
    'Switch the cache of the proxy off, and rules that remove If-None-Match.',
    {
      nginx: 'proxy_cache off; and no proxy_set_header If-None-Match',
      Apache: 'no "RequestHeader unset If-None-Match"; CacheDisable "/"',
      HAProxy: 'no "http-request del-header If-None-Match"',
      Caddy: 'no "header_up -If-None-Match"',
      Squid: 'no "request_header_access If-None-Match deny all"; cache deny all',
      Envoy: 'no If-None-Match in request_headers_to_remove',
    },
  ),
  'condition-altered': warning(
    'If-None-Match arrives changed. Slipway understands what proxies are known to do to it.',
    'Have the proxy leave If-None-Match alone.',
    NO_COMPRESSION,
  ),
  'never-unchanged': error(
    'Whoever sends the entity tag back is answered with the whole archive all the same: Rasa downloads and loads it at each poll.',
    'Have the server answer 304 to its own entity tag, and the proxy pass 304 on.',
  ),
  'tag-missing': error(
    'The answer has no ETag: Rasa downloads the archive at each poll and never loads it.',
    'Have the proxy pass ETag on; if the server is not Slipway, have it send one.',
    {
      nginx: 'no proxy_hide_header ETag;',
      Apache: 'no "Header unset ETag"',
      HAProxy: 'no "http-response del-header ETag"',
      Caddy: 'no "header_down -ETag" and "header -ETag"',
      Squid: 'no "reply_header_access ETag deny all"',
      Envoy: 'no etag in response_headers_to_remove',
    },
  ),
  'tag-altered': warning(
    'The entity tag comes back changed. Slipway understands what proxies are known to do to it, other servers do not.',
    'Have the proxy leave ETag alone; most change it because they compress.',
    NO_COMPRESSION,
  ),
  cached: error(
    'A cache answers instead of the server: bots get what another one was sent, and learn of new releases late or never.',
    'Switch the cache of the proxy off for this address.',
    { ...NO_CACHE, nginx: 'proxy_cache off; and no proxy_ignore_headers Cache-Control;' },
  ),
  compressed: warning(
    'A proxy compresses archives once more, for nothing: Rasa undoes one layer, and `slipway pull` asks for none.',
    'Switch compression off for archives.',
    NO_COMPRESSION,
  ),
  'encoding-wrong': error(
    'The answer is labelled with a Content-Encoding, and without that layer it is no archive any more: Rasa cannot load it.',
    'Have the server send application/gzip without Content-Encoding.',
    {
      ...NO_COMPRESSION,
      Apache: 'RemoveEncoding .gz',
      nginx: 'gzip off; gunzip off; and no add_header Content-Encoding',
    },
  ),
  'archive-altered': error(
    'The bytes that come are not those of the archive.',
    'Find the hop that changes bodies: filters for viruses, compression, injected scripts.',
  ),
  'not-an-archive': error(
    'What comes is not gzip, so Rasa cannot load it.',
    'Have the server send the .tar.gz as it is.',
  ),
  'archive-cut': error(
    'The archive breaks off before its end.',
    'Look for time limits and limits on sizes in the proxy, and in its log.',
    {
      nginx: 'proxy_read_timeout 300s; send_timeout 300s;',
      Apache: 'ProxyTimeout 300',
      HAProxy: 'timeout server 300s; timeout client 300s',
      Caddy: 'no short read_timeout and write_timeout',
      Squid: 'read_timeout 5 minutes; no reply_body_max_size',
      Envoy: 'timeout: 0s and idle_timeout: 300s on the route',
    },
  ),
  'length-missing': warning(
    'The answer has no Content-Length: whoever is cut off in the middle may not notice.',
    'Have the proxy pass Content-Length on.',
    NO_COMPRESSION,
  ),
  'filename-unusable': error(
    'Rasa 3 saves the archive under the name in the header field "filename", and would not find it there.',
    'Have the server send a plain name that ends in .tar.gz, or none.',
  ),
  'too-slow': error(
    'Rasa gives up a download after 300 s, and this one takes longer.',
    'Bring the server nearer, or let `slipway pull` fetch the model: it has no such limit, and resumes.',
  ),
  'nearly-too-slow': warning(
    'The download takes more than half of the 300 s after which Rasa gives up.',
    'Bring the server nearer, or let `slipway pull` fetch the model.',
  ),
} as const satisfies Record<string, FindingKind>
