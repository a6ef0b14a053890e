/** The part of a service that decides its config vars' names. */
export interface ServiceNames {
  name: string
  config_vars?: string[]
  config_vars_prefix?: string
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
  const prefix = service.config_vars_prefix ?? service.name.toUpperCase().replace(/[^A-Z0-9]+/g, '_')
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
