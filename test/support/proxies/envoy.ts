import path from 'node:path'
import type { Proxy } from './proxy.ts'

/** Of protocol buffers, where Envoy wants a type. */
const TYPE = 'type.googleapis.com/envoy.extensions'

export const envoy: Proxy = {
  name: 'Envoy',
  program: 'envoy',
  packaged: 'envoy/envoy',
  versionArgs: ['--version'],
  variants: {
    default: { set: 'a route without `timeout`, which is 15 s', settings: {} },
    'without a time limit': { set: '`timeout: 0s`', settings: { timeout: '0s' } },
    'ends after 3 s': { set: '`timeout: 3s`', settings: { timeout: '3s' } },
    'strips the condition': {
      set: '`request_headers_to_remove: [if-none-match]`, `timeout: 0s`',
      settings: { timeout: '0s', removed: 'if-none-match' },
    },
    compresses: {
      set: 'the compressor filter with `content_type: application/gzip`, `no-transform` removed, `timeout: 0s`',
      settings: { timeout: '0s', filter: 'compressor', hidden: 'cache-control' },
    },
    'limits bodies': {
      set: 'the buffer filter with `max_request_bytes: 1000000`, `timeout: 0s`',
      settings: { timeout: '0s', filter: 'buffer' },
      publishes: true,
    },
    redirects: { set: '`redirect` to the server itself', settings: { redirect: 'yes' } },
  },
  configure(settings, { port, upstream, folder }) {
    const file = path.join(folder, 'envoy.json')
    const configuration = {
      static_resources: {
        listeners: [listener(port, upstream, settings)],
        clusters: [
          {
            name: 'slipway',
            type: 'STATIC',
            load_assignment: {
              cluster_name: 'slipway',
              endpoints: [{ lb_endpoints: [{ endpoint: { address: address(upstream) } }] }],
            },
          },
        ],
      },
    }
    return {
      files: { [file]: JSON.stringify(configuration) },
      args: ['-c', file, '--concurrency', '1', '--disable-hot-restart', '--log-level', 'error'],
    }
  },
}

function listener(port: number, upstream: number, settings: Readonly<Record<string, string>>): object {
  const { timeout, removed, redirect, hidden } = settings
  const route = {
    match: { prefix: '/' },
    ...(redirect === undefined
      ? { route: { cluster: 'slipway', ...(timeout === undefined ? {} : { timeout }) } }
      : { redirect: { host_redirect: '127.0.0.1', port_redirect: upstream, response_code: 'FOUND' } }),
    ...(hidden === undefined ? {} : { response_headers_to_remove: [hidden] }),
    ...(removed === undefined ? {} : { request_headers_to_remove: [removed] }),
  }
  const manager = {
    '@type': `${TYPE}.filters.network.http_connection_manager.v3.HttpConnectionManager`,
    stat_prefix: 'ingress',
    route_config: { virtual_hosts: [{ name: 'all', domains: ['*'], routes: [route] }] },
    http_filters: [...extraFilters(settings['filter']), router()],
  }
  return {
    address: address(port),
    filter_chains: [
      { filters: [{ name: 'envoy.filters.network.http_connection_manager', typed_config: manager }] },
    ],
  }
}

function address(port: number): object {
  return { socket_address: { address: '127.0.0.1', port_value: port } }
}

function router(): object {
  return {
    name: 'envoy.filters.http.router',
    typed_config: { '@type': `${TYPE}.filters.http.router.v3.Router` },
  }
}

function extraFilters(filter: string | undefined): object[] {
  switch (filter) {
    case 'compressor':
      return [
        {
          name: 'envoy.filters.http.compressor',
          typed_config: {
            '@type': `${TYPE}.filters.http.compressor.v3.Compressor`,
            response_direction_config: {
              common_config: { min_content_length: 100, content_type: ['application/gzip'] },
              disable_on_etag_header: false,
            },
            compressor_library: {
              name: 'gzip',
              typed_config: { '@type': `${TYPE}.compression.gzip.compressor.v3.Gzip` },
            },
          },
        },
      ]
    case 'buffer':
      return [
        {
          name: 'envoy.filters.http.buffer',
          typed_config: { '@type': `${TYPE}.filters.http.buffer.v3.Buffer`, max_request_bytes: 1_000_000 },
        },
      ]
    default:
      return []
  }
}
