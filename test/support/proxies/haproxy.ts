import path from 'node:path'
import type { Proxy } from './proxy.ts'

const COMPRESSION = `compression algo gzip
  compression type application/gzip`

export const haproxy: Proxy = {
  name: 'HAProxy',
  program: 'haproxy',
  packaged: 'usr/sbin/haproxy',
  versionArgs: ['-v'],
  variants: {
    default: { set: 'a frontend, a backend, `timeout client/server 50s`', settings: {} },
    'strips the condition': {
      set: '`http-request del-header If-None-Match`',
      settings: { backend: 'http-request del-header If-None-Match' },
    },
    caches: {
      set: '`cache-store` with `Cache-Control: max-age=600` put in',
      settings: {
        global: 'cache c\n  total-max-size 200\n  max-object-size 90000000\n  max-age 600\n  process-vary on',
        backend: `http-request cache-use c
  http-response set-header Cache-Control "public, max-age=600"
  http-response del-header Vary
  http-response cache-store c`,
      },
    },
    'strips the tag': {
      set: '`http-response del-header ETag`',
      settings: { backend: 'http-response del-header ETag' },
    },
    'may compress': {
      set: '`compression algo gzip`, `compression type application/gzip`',
      settings: { backend: COMPRESSION },
    },
    compresses: {
      set: 'the same, and a HAProxy before it that removes `no-transform`',
      settings: { backend: COMPRESSION, inner: 'http-response del-header Cache-Control' },
    },
    'limits bodies': {
      set: '`http-request deny status 413` beyond 1 MB',
      settings: { frontend: 'http-request deny status 413 if { req.hdr_val(content-length) gt 1000000 }' },
      publishes: true,
    },
    'ends after 2 s': {
      set: '`timeout client 2s`, `timeout server 2s`',
      settings: { timeout: '2s' },
    },
    redirects: {
      set: '`http-request redirect` to the server itself',
      settings: { frontend: 'http-request redirect prefix http://127.0.0.1:{upstream} code 302' },
    },
  },
  configure(settings, { port, upstream, folder }) {
    const file = path.join(folder, 'haproxy.cfg')
    const server = `127.0.0.1:${upstream}`
    const { inner } = settings
    const socket = `unix@${path.join(folder, 'inner.sock')}`
    const timeout = settings['timeout'] ?? '50s'
    const text = `global
  maxconn 200
${settings['global'] ?? ''}
defaults
  mode http
  timeout connect 5s
  timeout client ${timeout}
  timeout server ${timeout}
frontend f
  bind 127.0.0.1:${port}
  ${(settings['frontend'] ?? '').replaceAll('{upstream}', String(upstream))}
  default_backend b
backend b
  ${settings['backend'] ?? ''}
  server s ${inner === undefined ? server : socket}
${inner === undefined ? '' : `listen inner\n  bind ${socket}\n  ${inner}\n  server s ${server}\n`}`
    return { files: { [file]: text }, args: ['-db', '-f', file] }
  },
}
