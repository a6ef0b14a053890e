import type { AuthorityFiles } from './authority-file.js'

/**
 * What a client has to be told, as environment variables.
 * @param byHosts whether it goes on asking Heroku's own hosts, and is sent here by its proxy settings
 */
export function clientEnvironment(port: number, files: AuthorityFiles, byHosts: boolean): Record<string, string> {
  const local = `http://localhost:${port}`
  const trust = { NODE_EXTRA_CA_CERTS: files.certificate }
  if (!byHosts) {
    return {
      HEROKU_HOST: local,
      HEROKU_LOGIN_HOST: local,
      HEROKU_PARTICLEBOARD_URL: local,
      HEROKU_ADDONS_HOST: 'http://localhost',
      ...trust,
    }
  }
  return {
    HTTPS_PROXY: `http://127.0.0.1:${port}`,
    https_proxy: `http://127.0.0.1:${port}`,
    // What the answers name, and the server where it is on this machine, is reached directly.
    NO_PROXY: 'localhost,127.0.0.1,::1',
    no_proxy: 'localhost,127.0.0.1,::1',
    SSL_CERT_FILE: files.bundle,
    ...trust,
  }
}
