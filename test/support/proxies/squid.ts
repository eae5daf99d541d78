import path from 'node:path'
import type { Proxy } from './proxy.ts'

export const squid: Proxy = {
  name: 'Squid',
  program: 'squid',
  packaged: 'usr/sbin/squid',
  versionArgs: ['-v'],
  variants: {
    default: { set: '`http_port accel`, `cache_peer originserver`', settings: {} },
    'strips the condition': {
      set: '`request_header_access If-None-Match deny all`',
      settings: { more: 'request_header_access If-None-Match deny all' },
    },
    'strips the tag': {
      set: '`reply_header_access ETag deny all`',
      settings: { more: 'reply_header_access ETag deny all' },
    },
    caches: {
      set: '`refresh_pattern . 600 100% 600 override-expire ignore-private ignore-no-store ignore-reload`',
      settings: {
        more: 'refresh_pattern . 600 100% 600 override-expire ignore-private ignore-no-store ignore-reload\nmaximum_object_size 100 MB\nmaximum_object_size_in_memory 100 MB\ncache_mem 300 MB',
      },
    },
    'limits bodies': {
      set: '`request_body_max_size 1 MB`',
      settings: { more: 'request_body_max_size 1 MB' },
      publishes: true,
    },
    'limits answers': {
      set: '`reply_body_max_size 10 MB`',
      settings: { more: 'reply_body_max_size 10 MB' },
    },
  },
  configure(settings, { port, upstream, folder, root }) {
    const file = path.join(folder, 'squid.conf')
    const shared = path.join(root, 'usr/share/squid')
    const text = `http_port 127.0.0.1:${port} accel defaultsite=127.0.0.1:${port}
cache_peer 127.0.0.1 parent ${upstream} 0 no-query no-digest originserver name=s
http_access allow all
pid_filename ${folder}/pid
access_log none
cache_log ${folder}/cache.log
cache_store_log none
coredump_dir ${folder}
mime_table ${shared}/mime.conf
icon_directory ${shared}/icons
error_directory ${path.join(root, 'usr/share/squid-langpack/en')}
err_page_stylesheet none
unlinkd_program ${path.join(root, 'usr/lib/squid/unlinkd')}
pinger_enable off
visible_hostname squid-under-test
shutdown_lifetime 0 seconds
${process.getuid?.() === 0 ? 'cache_effective_user nobody' : ''}
${settings['more'] ?? ''}
`
    const service = `slipway${port}`
    return {
      files: { [file]: text },
      args: ['-N', '-n', service, '-f', file],
      leftovers: ['metadata', 'queues', 'readers'].map((name) => `/dev/shm/${service}-cf__${name}.shm`),
    }
  },
}
