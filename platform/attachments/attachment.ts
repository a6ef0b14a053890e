import { isReservedConfigName } from '@mortise/contract/manifest/config-limits'

/** An add-on's name in one app. */
export interface Attachment {
  id: string
  name: string
  namespace: string | null
  /** The credential that it uses: `default`, or what the namespace names. */
  credential: string
  appId: string
  appName: string
  addonId: string
  addonName: string
  addonState: string
  billingAppId: string | null
  billingAppName: string | null
  planId: string
  planName: string
  serviceName: string
  /** Provider's name → this app's name. */
  configNames: Record<string, string>
  /** Token of its add-on's log input here, where the manifest asks for one. */
  sealedLogInput: Buffer | null
  createdAt: Date
  updatedAt: Date
}

/** The credential that every add-on has. */
export const defaultCredential = 'default'

/** Which credential a namespace names; none is the default one. Null for what is no namespace of ours. */
export function credentialOf(namespace: string | null): string | null {
  if (namespace === null) return defaultCredential
  return /^credential:([A-Za-z0-9_.-]{1,100})$/.exec(namespace)?.[1] ?? null
}

/** As attachments show it: null for the default credential. */
export function namespaceOf(credential: string): string | null {
  return credential === defaultCredential ? null : `credential:${credential}`
}

const colors =
  'AMBER AQUA AZURE BEIGE BLACK BLUE BRONZE BROWN CERULEAN COBALT COPPER CORAL CRIMSON CYAN FUCHSIA GOLD GRAY GREEN INDIGO IVORY JADE LIME MAGENTA MAROON MAUVE NAVY OLIVE ORANGE PINK PLUM PURPLE RED ROSE RUBY SILVER TEAL VIOLET WHITE YELLOW'.split(
    ' ',
  )

/** `PREFIX`, or `PREFIX_COLOR` when that is taken: starts at a color drawn by chance, then goes round. */
export function freeName(prefix: string, isTaken: (name: string) => boolean, chance: () => number): string {
  if (!isTaken(prefix)) return prefix
  const start = Math.floor(chance() * colors.length)
  for (let turn = 0; turn < colors.length; turn++) {
    const name = `${prefix}_${colors[(start + turn) % colors.length]}`
    if (!isTaken(name)) return name
  }
  for (let number = 2; ; number++) if (!isTaken(`${prefix}_${number}`)) return `${prefix}_${number}`
}

/** Upper-case letters, digits and `_`, since it begins config var names; `my-db` is read as `MY_DB`. */
export function attachmentNameOf(given: string): string | null {
  const name = given.toUpperCase().replaceAll('-', '_')
  return /^[A-Z][A-Z0-9_]{0,62}$/.test(name) && !name.endsWith('__') ? name : null
}

/**
 * Which of the app's config vars the provider's names become.
 * `PREFIX_X` becomes `<ATTACHMENT>_X`. An unprefixed `X` keeps its name on the service's first attachment
 * in the app, and becomes `<ATTACHMENT>_X` on later ones.
 */
export function mapConfigNames(
  declared: readonly string[],
  prefix: string,
  attachment: string,
  isFirst: boolean,
): Record<string, string> {
  return Object.fromEntries(
    declared.map((name) => {
      if (name.startsWith(`${prefix}_`)) return [name, `${attachment}_${name.slice(prefix.length + 1)}`]
      if (name === prefix) return [name, attachment]
      return [name, isFirst ? name : `${attachment}_${name}`]
    }),
  )
}

/** Names that would let an add-on run code in the app's dynos, as finally mapped. */
export function reservedAmong(mapped: Record<string, string>): string[] {
  return Object.values(mapped).filter(isReservedConfigName)
}
