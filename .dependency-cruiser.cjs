// The import rule (docs/ARCHITECTURE.md): what may import what. A folder not named as allowed is forbidden.
const layers = {
  protocol: [],
  storage: [],
  archives: [],
  'server/domain': ['archives/archive-facts.ts'],
  'server/operations': ['server/domain'],
  'server/catalog': ['server/domain'],
  'server/blobs': ['server/domain', 'storage'],
  'server/inbox': ['server/operations', 'server/domain', 'protocol'],
  'server/importing': ['server/operations', 'server/domain', 'protocol', 'storage'],
  'server/exporting': ['server/domain', 'protocol', 'storage'],
  'server/http': ['server/operations', 'server/domain', 'protocol'],
  'server/tools': ['server/catalog', 'server/blobs', 'server/domain', 'server/version.ts', 'storage'],
  client: ['protocol', 'storage', 'archives'],
}

const rules = Object.entries(layers).map(([layer, allowed]) => ({
  name: `${layer}-imports`,
  severity: 'error',
  comment: `${layer} may import ${allowed.length > 0 ? allowed.join(', ') : 'no other layer'}`,
  from: { path: `^${layer}/` },
  to: {
    path: '^(protocol|storage|archives|server|client|dashboard|test|scripts)/',
    pathNot: [layer, ...allowed].map((allowedPath) => `^${allowedPath}(/|$)`),
  },
}))

module.exports = {
  forbidden: [
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
    ...rules,
    {
      name: 'domain-is-pure',
      severity: 'error',
      comment: 'Rules do no I/O: neither a Node module nor a package belongs in server/domain.',
      from: { path: '^server/domain/' },
      to: { dependencyTypes: ['core', 'npm', 'npm-dev', 'npm-optional', 'npm-peer'] },
    },
    {
      name: 'client-without-server-packages',
      severity: 'error',
      comment: 'The puller runs where the server is not installed: no native module.',
      from: { path: '^(client|protocol|storage|archives)/' },
      to: { path: 'node_modules/(better-sqlite3|express|multer|kysely|chokidar|prom-client)/' },
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
