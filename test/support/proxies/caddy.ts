import path from 'node:path'
import type { Proxy } from './proxy.ts'

export const caddy: Proxy = {
  name: 'Caddy',
  program: 'caddy',
  packaged: 'usr/bin/caddy',
  versionArgs: ['version'],
  variants: {
    default: { set: '`reverse_proxy` alone', settings: {} },
    'strips the condition': {
      set: '`header_up -If-None-Match`',
      settings: { proxy: 'header_up -If-None-Match' },
    },
    compresses: {
      set: '`encode` for every type',
      settings: { site: 'encode {\n gzip\n match {\n header Content-Type *\n }\n }' },
    },
    buffers: { set: '`buffer_responses`', settings: { proxy: 'buffer_responses' } },
    'limits bodies': {
      set: '`request_body { max_size 1MB }`',
      settings: { site: 'request_body {\n max_size 1MB\n }' },
      publishes: true,
    },
    redirects: { set: '`redir` to the server itself', settings: { redirect: 'yes' } },
  },
  configure(settings, { port, upstream, folder }) {
    const file = path.join(folder, 'Caddyfile')
    const action =
      settings['redirect'] === undefined
        ? `reverse_proxy 127.0.0.1:${upstream} {\n ${settings['proxy'] ?? ''}\n }`
        : `redir http://127.0.0.1:${upstream}{uri}`
    const text = `{
  admin off
  auto_https off
}
http://127.0.0.1:${port} {
  ${settings['site'] ?? ''}
  ${action}
}
`
    const env = { HOME: folder, XDG_DATA_HOME: folder, XDG_CONFIG_HOME: folder }
    return { files: { [file]: text }, args: ['run', '--config', file, '--adapter', 'caddyfile'], env }
  },
}
