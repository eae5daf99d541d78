import path from 'node:path'
import type { Proxy } from './proxy.ts'

export const nginx: Proxy = {
  name: 'nginx',
  program: 'nginx',
  packaged: 'usr/sbin/nginx',
  versionArgs: ['-v'],
  variants: {
    default: { set: '`proxy_pass` alone', settings: {} },
    'strips the condition': {
      set: '`proxy_cache` on',
      settings: { http: cache(), location: 'proxy_cache z;' },
    },
    compresses: {
      set: '`gzip_types *; gzip_proxied any; gzip_http_version 1.0`',
      settings: { http: 'gzip on; gzip_types *; gzip_proxied any; gzip_http_version 1.0;' },
    },
    'buffers and caches': {
      set: '`proxy_ignore_headers X-Accel-Buffering Cache-Control`, `proxy_cache_valid 10m`',
      settings: {
        http: cache(),
        location:
          'proxy_cache z; proxy_cache_valid 10m; proxy_ignore_headers X-Accel-Buffering Cache-Control; proxy_max_temp_file_size 1024m;',
      },
    },
    buffers: {
      set: '`proxy_ignore_headers X-Accel-Buffering`',
      settings: { location: 'proxy_ignore_headers X-Accel-Buffering;' },
    },
    'limits bodies': { set: '`client_max_body_size 1m` (its default)', settings: {}, publishes: true },
    redirects: { set: '`return 301` to the server itself', settings: { redirect: 'yes' } },
  },
  configure(settings, { port, upstream, folder }) {
    const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
      .map((name) => `${name}_temp_path ${folder}/${name};`)
      .join('\n  ')
    const file = path.join(folder, 'nginx.conf')
    const action =
      settings['redirect'] === undefined
        ? `proxy_pass http://127.0.0.1:${upstream};`
        : `return 301 http://127.0.0.1:${upstream}$request_uri;`
    const text = `daemon off;
master_process off;
pid ${folder}/pid;
error_log ${folder}/error.log;
events { worker_connections 512; }
http {
  access_log off;
  ${temporary}
  ${(settings['http'] ?? '').replaceAll('{folder}', folder)}
  server {
    listen 127.0.0.1:${port};
    location / { ${action} ${settings['location'] ?? ''} }
  }
}
`
    return { files: { [file]: text }, args: ['-p', folder, '-e', 'stderr', '-c', file] }
  },
}

function cache(): string {
  return 'proxy_cache_path {folder}/cache keys_zone=z:1m;'
}
