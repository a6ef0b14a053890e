import { invalid } from '@mortise/contract/errors'
import type { BuildpackInstallation } from '@mortise/contract/platform-api/builds'
import { buildpacks as ours } from '@mortise/runtime/build/build'

/** The buildpacks that the platform brings along. */
export const namedBuildpacks: readonly string[] = ours

/** What people bring along from Heroku, and mean one of ours by. */
const aliases: Record<string, string> = { 'heroku-community/static': 'static' }

/**
 * A buildpack as it is kept: one of ours by its name, or the https address of an archive, which may be that of a GitHub
 * repository.
 * @throws WireError 422 for what is neither
 */
export function buildpackOf(given: string): string {
  const text = given.trim()
  const name = text.replace(/^urn:buildpack:/, '')
  const own = aliases[name] ?? name.replace(/^(heroku|mortise)\//, '')
  if (namedBuildpacks.includes(own)) return own
  if (/^https?:\/\//i.test(text) && URL.canParse(text)) {
    const { username, password } = new URL(text)
    if (username || password) throw invalid('The address of a buildpack must not hold a name or a password.')
    return text
  }
  throw invalid(
    `There is no buildpack "${text.slice(0, 100)}". Name one of ${namedBuildpacks.join(', ')}, or give the https address of a .tgz or of a GitHub repository.`,
  )
}

export const isAddress = (buildpack: string): boolean => /^https?:/i.test(buildpack)

/** Where the archive of a buildpack is. A repository at GitHub is fetched as the archive of its branch, or of its newest commit. */
export function archiveAddress(buildpack: string): string {
  const github = /^https?:\/\/github\.com\/([\w.-]+)\/([\w.-]+?)(?:\.git)?\/?(?:#([\w./-]+))?$/i.exec(buildpack)
  if (!github) return buildpack
  const [, owner, name, branch = 'HEAD'] = github
  return `https://codeload.github.com/${owner}/${name}/tar.gz/${branch}`
}

export function buildpackRef(buildpack: string): { name: string; url: string } {
  return isAddress(buildpack)
    ? { name: buildpack, url: buildpack }
    : { name: buildpack, url: `urn:buildpack:${buildpack}` }
}

export function installations(buildpacks: readonly string[]): BuildpackInstallation[] {
  return buildpacks.map((one, ordinal) => ({ buildpack: buildpackRef(one), ordinal }))
}
