// The import rule (docs/ARCHITECTURE.md): what may import what. A folder not named as allowed is forbidden.
const capabilities = [
  ...['access', 'releases', 'intake', 'exporting', 'fleet', 'rollouts', 'events', 'webhooks', 'upkeep'],
]

// What every capability may use: the ports that adapters implement, time, errors and coordination.
const foundation = [
  'concurrency',
  'server/catalog/[a-z-]+\\.ts',
  'server/blobs/(blob-store|blob-verifier)\\.ts',
  'server/time',
  'server/errors',
  'server/coordination',
]
const everyCapability = capabilities.map((capability) => `server/${capability}`)

const layers = {
  protocol: [],
  concurrency: [],
  storage: ['concurrency'],
  archives: ['protocol/shown-text.ts'],
  signatures: ['protocol'],
  'server/time': [],
  'server/errors': [],
  'server/coordination': ['server/catalog/catalog.ts'],
  'server/config': [
    ...['archives', 'storage', 'protocol', 'server/time'],
    ...['server/upkeep/retention.ts', 'server/http/access/proxy-trust.ts', 'server/http/tls-files.ts'],
    'server/catalog/postgres/postgres-settings.ts',
  ],
  'server/access': [...foundation, 'server/fleet/address-group.ts', 'protocol'],
  'server/releases': [
    ...foundation,
    'archives/(acceptable-refusal|archive-facts|compatibility/compare-rasa-versions)\\.ts',
    'protocol',
    'signatures',
  ],
  'server/intake': [...foundation, 'server/releases', 'archives', 'protocol', 'storage/object-store.ts'],
  'server/exporting': [...foundation, 'server/releases', 'protocol', 'storage'],
  'server/fleet': [...foundation, 'server/releases', 'server/upkeep/retention.ts', 'protocol'],
  'server/outgoing': ['protocol/shown-text.ts'],
  'server/rollouts': [
    ...[...foundation, 'server/releases', 'server/fleet', 'protocol'],
    'server/outgoing/(match-host|never-asked)\\.ts',
  ],
  'server/webhooks': [
    ...[...foundation, 'server/events', 'protocol'],
    'server/outgoing/(allowed-addresses|match-host|never-asked)\\.ts',
  ],
  'server/oidc': [
    ...['concurrency', 'protocol/shown-text.ts', 'server/errors', 'server/time'],
    'server/access/oidc/identity-verifier.ts',
  ],
  'server/delivering': [
    ...['protocol/shown-text.ts', 'server/outgoing'],
    'server/webhooks/(webhook-sender|target-refusal)\\.ts',
  ],
  'server/probing': [
    ...['concurrency', 'protocol', 'server/outgoing', 'server/fleet/process-record.ts'],
    'server/rollouts/(prober|probe-hosts|rollout|unit)\\.ts',
  ],
  'server/events': [...foundation, 'protocol'],
  'server/upkeep': [...foundation, 'server/releases', 'server/fleet', 'protocol'],
  'server/catalog': [
    'concurrency',
    ...everyCapability,
    'server/coordination',
    'server/time',
    'server/errors',
    'archives',
    'protocol/(rollout-policy|event|webhook|signature|quota|audit)\\.ts',
  ],
  'server/blobs': ['server/releases', 'server/coordination', 'server/time', 'server/errors', 'storage'],
  'server/http': [...foundation, ...everyCapability, 'archives', 'protocol'],
  'server/tools': [
    'concurrency',
    ...[
      'server/catalog',
      'server/blobs',
      'server/config',
      'server/coordination',
      'server/errors',
      'server/time',
    ],
    ...[...everyCapability, 'storage', 'protocol/token.ts'],
  ],
  'server/embed': ['server/composition', 'server/config', 'server/http'],
  client: ['protocol', 'storage', 'archives', 'signatures'],
  dashboard: ['protocol'],
}

const rules = Object.entries(layers).map(([layer, allowed]) => ({
  name: `${layer}-imports`,
  severity: 'error',
  comment: `${layer} may import ${allowed.length > 0 ? allowed.join(', ') : 'no other layer'}`,
  from: { path: `^${layer}/` },
  to: {
    path: '^(protocol|concurrency|storage|archives|signatures|server|client|dashboard|test|scripts)/',
    pathNot: [layer, ...allowed].map((allowedPath) => `^${allowedPath}(/|$)`),
  },
}))

module.exports = {
  forbidden: [
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
    ...rules,
    {
      name: 'capabilities-import-no-adapter',
      severity: 'error',
      comment:
        'A capability holds rules and verbs; what talks to disk, database or network stands behind a port.',
      from: {
        path: `^server/(${capabilities.join('|')})/`,
        pathNot: '^server/(intake/(inbox|bucket)|upkeep/disk-space)',
      },
      to: {
        dependencyTypes: ['npm', 'npm-dev', 'npm-optional', 'npm-peer'],
        pathNot: 'node_modules/(pino|zod)/',
      },
    },
    {
      name: 'client-without-server-packages',
      severity: 'error',
      comment: 'The puller runs where the server is not installed: no native module.',
      from: { path: '^(client|protocol|concurrency|storage|archives|signatures)/' },
      to: { path: 'node_modules/(better-sqlite3|express|multer|kysely|chokidar|prom-client)/' },
    },
    {
      name: 'dashboard-without-node',
      severity: 'error',
      comment: 'It runs in browsers: what it draws on the server, it draws from what the API says.',
      from: { path: '^dashboard/' },
      to: {
        dependencyTypes: ['core', 'npm', 'npm-dev', 'npm-optional', 'npm-peer'],
        pathNot: 'node_modules/(preact|preact-render-to-string|@preact|uplot)/',
      },
    },
    {
      name: 'not-to-test',
      severity: 'error',
      comment: 'Only tests use test support; the benchmark builds its archives with it too.',
      from: { pathNot: '^(test|scripts/benchmark.d)/' },
      to: { path: '^test/' },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'node', 'default'] },
  },
}
