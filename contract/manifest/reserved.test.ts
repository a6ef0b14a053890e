import { expect, test } from 'vitest'
import { configValueBytesMax, configValueProblem, isConfigName } from './config-limits.js'
import { isHouseSlug, isReservedConfigName, isReservedPrefix, isReservedSlug } from './reserved.js'

// One name for each entry of RULES.md, section 8.1.
const reserved = `PATH HOME SHELL USER IFS ENV PORT DYNO BASH_ENV LD_PRELOAD DYLD_INSERT_LIBRARIES GLIBC_TUNABLES
  GCONV_PATH NODE_OPTIONS NPM_CONFIG_REGISTRY PYTHONPATH PYTHON_X RUBYOPT GEM_HOME BUNDLE_GEMFILE PERL5LIB
  JAVA_TOOL_OPTIONS _JAVA_OPTIONS JDK_JAVA_OPTIONS DOTNET_STARTUP_HOOKS GIT_SSH_COMMAND SSH_AUTH_SOCK HTTPS_PROXY
  SSL_CERT_FILE http_proxy`

test.each(reserved.split(/\s+/))('no add-on can set %s', (name) => {
  expect(isReservedConfigName(name)).toBe(true)
})

test.each(['DATABASE_URL', 'PATHFINDER_URL', 'HOME_URL', 'REDIS_TLS_URL', 'PORTAL_URL', 'FAST_PROXY_URL'])(
  'an add-on can set %s',
  (name) => expect(isReservedConfigName(name)).toBe(false),
)

test('a prefix that would make reserved names is one itself', () => {
  for (const prefix of ['NODE', 'LD', 'PYTHON', 'GIT', 'PATH']) expect(isReservedPrefix(prefix), prefix).toBe(true)
  for (const prefix of ['DATABASE', 'FAST_DB', 'GITHUBBER', 'REQUESTS_PROXY'])
    expect(isReservedPrefix(prefix), prefix).toBe(false)
})

test("Heroku's slugs are nobody's, ours are the operator's", () => {
  expect(isReservedSlug('heroku-postgresql')).toBe(true)
  expect(isReservedSlug('herokuish')).toBe(false)
  expect(isHouseSlug('mortise-postgresql')).toBe(true)
  expect(isHouseSlug('mortiser')).toBe(false)
})

test('a config name is capitals, digits and underscores', () => {
  expect(['A1', 'A_B'].every(isConfigName)).toBe(true)
  expect(['A', '1A', '_A', 'a_b', 'A-B', 'A\nB', ''].some(isConfigName)).toBe(false)
})

test('a value no environment can carry is refused without being repeated', () => {
  expect(configValueProblem('X_URL', 'ok')).toBeNull()
  expect(configValueProblem('X_URL', 'secret\0')).not.toContain('secret')
  expect(configValueProblem('X_URL', 'ä'.repeat(configValueBytesMax / 2))).toBeNull()
  expect(configValueProblem('X_URL', 'ä'.repeat(configValueBytesMax / 2 + 1))).toMatch(/32 KiB/)
})
