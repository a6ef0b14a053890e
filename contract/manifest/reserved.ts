// Names that make a program load code, trust a host or find its files. An add-on that could set one of them would
// run its own code in the customer's dynos. Customers may set these themselves. RULES.md, section 8.1.
const exact = new Set('PATH HOME SHELL USER IFS ENV PORT DYNO GCONV_PATH JAVA_TOOL_OPTIONS _JAVA_OPTIONS'.split(' '))
const beginnings =
  'BASH_ LD_ DYLD_ GLIBC_ NODE_ NPM_CONFIG_ PYTHON RUBY GEM_ BUNDLE_ PERL5 JDK_ DOTNET_ GIT_ SSH_ SSL_CERT_'.split(' ')
const endings = ['_PROXY']

/**
 * Whether an add-on may never set this name. Ask about the *final* name, as the attachment maps it: a harmless
 * `FAST_DB_PRELOAD` attached as `LD` becomes `LD_PRELOAD`. Case does not help: some readers ignore it.
 */
export function isReservedConfigName(name: string): boolean {
  const upper = name.toUpperCase()
  return (
    exact.has(upper) ||
    beginnings.some((beginning) => upper.startsWith(beginning)) ||
    endings.some((ending) => upper.endsWith(ending))
  )
}

/** Whether names made from this prefix would be reserved ones. How it ends does not matter: `FAST_PROXY_URL` steers nothing. */
export function isReservedPrefix(prefix: string): boolean {
  const upper = prefix.toUpperCase()
  return exact.has(upper) || beginnings.some((beginning) => `${upper}_`.startsWith(beginning))
}

/** Whether the slug belongs to the house: only the operator may push it. */
export function isHouseSlug(slug: string): boolean {
  return /^mortise(-|$)/.test(slug)
}

/** Whether nobody may push the slug, because customers would take it for Heroku's own. */
export function isReservedSlug(slug: string): boolean {
  return /^heroku(-|$)/.test(slug)
}
