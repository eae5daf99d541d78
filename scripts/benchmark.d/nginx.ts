import { execFile } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import path from 'node:path'
import { promisify } from 'node:util'
import { freePort } from '../../test/support/free-port.ts'
import { requireProgram } from './find-program.ts'
import { startServer, type RunningServer } from './start-server.ts'

/** Starts nginx with one worker, as our server has one thread for its requests, serving the files of `root` by sendfile. */
export async function startNginx(folder: string, root: string): Promise<RunningServer> {
  const port = await freePort()
  return start(folder, port, [
    'sendfile on; tcp_nopush on; default_type application/gzip;',
    `server { listen 127.0.0.1:${port} backlog=4096; root ${root}; }`,
  ])
}

/**
 * Starts nginx as TLS end in front of `upstream`, with kept-alive connections behind it.
 * @returns the server, and the `https` address of it
 */
export async function startTlsNginx(
  folder: string,
  upstream: string,
): Promise<RunningServer & { tlsUrl: string }> {
  const [port, tlsPort] = [await freePort(), await freePort()]
  const key = path.join(folder, 'key.pem')
  const certificate = path.join(folder, 'certificate.pem')
  await promisify(execFile)('openssl', [
    'req',
    '-x509',
    '-newkey',
    'ec',
    '-pkeyopt',
    'ec_paramgen_curve:prime256v1',
    '-nodes',
    '-days',
    '2',
    '-subj',
    '/CN=127.0.0.1',
    '-keyout',
    key,
    '-out',
    certificate,
  ])
  const server = await start(folder, port, [
    `upstream behind { server ${upstream.replace('http://', '')}; keepalive 64; keepalive_requests 1000000000; }`,
    'server {',
    `  listen 127.0.0.1:${port}; listen 127.0.0.1:${tlsPort} ssl backlog=4096;`,
    `  ssl_certificate ${certificate}; ssl_certificate_key ${key};`,
    // Without tokens the server answers under the names of its own machine alone, and nginx would send the name of the upstream.
    '  location / { proxy_pass http://behind; proxy_http_version 1.1; proxy_set_header Connection ""; proxy_set_header Host $http_host; }',
    '}',
  ])
  return { ...server, tlsUrl: `https://127.0.0.1:${tlsPort}` }
}

async function start(folder: string, port: number, http: string[]): Promise<RunningServer> {
  const program = requireProgram('nginx', 'nginx-light')
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
  const config = [
    'daemon off; worker_processes 1;',
    // Its workers would otherwise be nobody, who may not enter the temporary folder.
    process.getuid?.() === 0 ? 'user root;' : '',
    `pid ${folder}/nginx-${port}.pid; error_log ${folder}/nginx-${port}-errors.log;`,
    'events { worker_connections 8192; }',
    'http {',
    'access_log off; keepalive_requests 1000000000;',
    ...temporary.map((name) => `${name}_temp_path ${folder}/${name}-${port};`),
    ...http,
    '}',
  ]
  const file = path.join(folder, `nginx-${port}.conf`)
  await writeFile(file, config.join('\n'))
  return startServer([program, '-e', path.join(folder, `nginx-${port}-errors.log`), '-c', file], {
    folder,
    port,
    readyPath: '/',
  })
}
