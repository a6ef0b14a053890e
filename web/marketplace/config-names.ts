/** The part of a service that decides its config vars' names. */
export interface ServiceNames {
  name: string
  config_vars?: string[]
}

/**
 * What stands before a service's config var names, and what an attachment's name takes the place of.
 * The catalog does not say the manifest's prefix, so it is read off the names: the id in capitals where they
 * begin with it, else the words they share (`DATABASE_URL` → `DATABASE`).
 */
export function prefixOf(service: ServiceNames): string {
  const fromId = service.name.toUpperCase().replace(/[^A-Z0-9]+/g, '_')
  const names = service.config_vars ?? []
  const [first, ...rest] = names.map((name) => name.split('_'))
  if (!first || names.every((name) => name.startsWith(`${fromId}_`))) return fromId
  let shared = 0
  // At least one word is left for the name itself.
  while (
    shared < first.length - 1 &&
    rest.every((words) => words.length > shared + 1 && words[shared] === first[shared])
  ) {
    shared += 1
  }
  return shared > 0 ? first.slice(0, shared).join('_') : fromId
}

export interface Expected {
  /** The attachment's name; null while the server will choose the colour in it. */
  attachment: string | null
  names: string[]
}

export interface Present {
  /** Names of the app's attachments. */
  attachments: readonly string[]
  /** Whether the app has an add-on of this service already. */
  hasService: boolean
}

/** Which config vars will appear in the app, as far as it can be known before asking. Source: RULES.md, section 5. */
export function expectedNames(service: ServiceNames, chosen: string, present: Present): Expected {
  const prefix = prefixOf(service)
  const isTaken = present.attachments.includes(prefix)
  const attachment = attachmentName(chosen) || (isTaken ? null : prefix)
  const shown = attachment ?? `${prefix}_COLOR`
  const names = (service.config_vars ?? []).map((name) => {
    if (name.startsWith(`${prefix}_`)) return `${shown}_${name.slice(prefix.length + 1)}`
    return present.hasService ? `${shown}_${name}` : name
  })
  return { attachment, names }
}

/** As the server spells it: capitals, digits and underscores. */
export function attachmentName(text: string): string {
  return text
    .trim()
    .toUpperCase()
    .replace(/[^A-Z0-9]+/g, '_')
}
