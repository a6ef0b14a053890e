// Who may import whom: the directions of the house, held in the test run (test/house.test.ts).
// Needs typescript < 7, which the root pins for tools; without it this would read no TypeScript and pass on nothing.

// From foundation to roof: a room imports only rooms before it.
const rooms = [
  'world',
  'db',
  'secrets',
  'saga',
  'reconcile',
  'events',
  'http',
  'documents',
  'processes',
  'accounts',
  'catalog',
  'teams',
  'apps',
  'domains',
  'addons',
  'attachments',
  'billing',
  'builds',
  'formation',
  'releases',
  'dynos',
  'logs',
  'drains',
  'partner',
  'sso',
  'lifecycle',
  'operations',
  'live',
  'webhooks',
  'retention',
  'doctor',
  'backup',
  'start',
]

// Packages of ours, and which other ones each may know.
const parties = {
  contract: [],
  certificates: [],
  cli: ['contract', 'certificates'],
  web: ['contract'],
  nav: ['contract'],
  sdk: ['contract'],
  conformance: ['contract'],
  postgres: [],
  runtime: [],
  providers: ['sdk', 'contract', 'postgres'],
  platform: ['contract', 'certificates', 'runtime', 'postgres'],
}

// Tests, and what only tests use.
const isTest = '([.]test[.]tsx?|/test-[^/]*[.]ts|/conformance[.]ts)$'

module.exports = {
  forbidden: [
    {
      name: 'nothing-in-a-circle',
      comment: 'Two files that need each other are one idea in two places.',
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    {
      name: 'what-is-imported-exists',
      comment: 'A file that is not there, or a package that no package.json names.',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true, pathNot: '^(cloudflare:|\\.\\./dist/)' },
    },
    ...Object.entries(parties).map(([party, known]) => ({
      name: `${party}-knows-only-${known.join('-') || 'itself'}`,
      comment: `${party}/ may import ${known.join(', ') || 'nothing'} of ours beside itself.`,
      severity: 'error',
      from: { path: `^${party}/`, pathNot: isTest },
      to: {
        path: `^(${Object.keys(parties)
          .filter((one) => one !== party && !known.includes(one))
          .join('|')})/`,
      },
    })),
    ...rooms.slice(0, -1).map((room, index) => ({
      name: `room-${room}-looks-down`,
      comment: `platform/${room}/ imports only rooms before it: ${rooms.slice(0, index).join(' ') || 'none'}.`,
      severity: 'error',
      from: { path: `^platform/${room}/`, pathNot: isTest },
      to: { path: `^platform/(${rooms.slice(index + 1).join('|')})/` },
    })),
    {
      name: 'every-room-has-its-place',
      comment: 'A new room in platform/ is added to the list of rooms, where the order allows.',
      severity: 'error',
      from: { path: '^platform/', pathNot: [`^platform/(${rooms.join('|')})/`, isTest] },
      to: {},
    },
    {
      name: 'the-platform-knows-no-driver',
      comment: 'Rooms know the one interface, runtime/driver.ts, and pure parts beside it; start/ picks a driver.',
      severity: 'error',
      from: { path: '^platform/', pathNot: ['^platform/start/', isTest] },
      to: { path: '^runtime/(local|containers|kubernetes|process)/' },
    },
    {
      name: 'one-door-out',
      comment: 'Whatever speaks to an address that others chose goes through http/outbound.ts.',
      severity: 'error',
      from: { path: '^platform/', pathNot: ['^platform/http/', isTest] },
      to: { path: 'node_modules/undici/' },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '(^|/)(dist|[.]dist-[^/]*|[.]mortise)/' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['mortise-source', 'import', 'node', 'types', 'default'],
      extensions: ['.ts', '.tsx', '.js', '.mjs', '.cjs', '.json'],
    },
  },
}
