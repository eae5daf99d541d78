import path from 'node:path'
import type { Proxy } from './proxy.ts'

const MODULES = [
  'authz_core',
  'proxy',
  'proxy_http',
  'headers',
  'filter',
  'deflate',
  'cache',
  'cache_disk',
  'alias',
  'rewrite',
]

export const apache: Proxy = {
  name: 'Apache',
  program: 'apache2',
  packaged: 'usr/sbin/apache2',
  versionArgs: ['-v'],
  variants: {
    default: { set: '`ProxyPass` alone', settings: {} },
    'strips the condition': {
      set: '`RequestHeader unset If-None-Match`',
      settings: { more: 'RequestHeader unset If-None-Match' },
    },
    compresses: { set: '`SetOutputFilter DEFLATE`', settings: { more: 'SetOutputFilter DEFLATE' } },
    caches: {
      set: '`CacheEnable disk /`, `Header set Cache-Control "public, max-age=600"`',
      settings: {
        more: `CacheRoot {folder}/cache
CacheEnable disk /
CacheQuickHandler off
Header set Cache-Control "public, max-age=600"
CacheMaxFileSize 100000000`,
      },
    },
    'limits bodies': {
      set: '`<If "%{HTTP:Content-Length} -gt 1000000">`, `Redirect 413 /` (`LimitRequestBody` does not count here)',
      settings: { more: '<If "%{HTTP:Content-Length} -gt 1000000">\nRedirect 413 /\n</If>' },
      publishes: true,
    },
    redirects: {
      set: '`RewriteRule … [R=302]` to the server itself',
      settings: { more: 'RewriteEngine on\nRewriteRule ^/(.*) http://127.0.0.1:{upstream}/$1 [R=302,L]' },
    },
  },
  configure(settings, { port, upstream, folder, root }) {
    const modules = path.join(root, 'usr/lib/apache2/modules')
    const file = path.join(folder, 'httpd.conf')
    const text = `ServerRoot ${folder}
ServerName localhost
PidFile ${folder}/pid
Listen 127.0.0.1:${port}
Mutex file:${folder} default
ErrorLog ${folder}/error.log
LoadModule mpm_event_module ${modules}/mod_mpm_event.so
${MODULES.map((name) => `LoadModule ${name}_module ${modules}/mod_${name}.so`).join('\n')}
User nobody
Group nogroup
StartServers 1
ServerLimit 1
ThreadsPerChild 20
MaxRequestWorkers 20
<Location "/">
Require all granted
</Location>
ProxyPass / http://127.0.0.1:${upstream}/
${(settings['more'] ?? '').replaceAll('{folder}', folder).replaceAll('{upstream}', String(upstream))}
`
    return {
      files: { [file]: text, [path.join(folder, 'cache/.keep')]: '' },
      args: ['-D', 'FOREGROUND', '-d', folder, '-f', file],
    }
  },
}
