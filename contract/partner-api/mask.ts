import { type Fields, isFields } from '../manifest/fields.js'

/** Takes secrets out of whatever is shown or written to a report. */
export interface Mask {
  /** From now on this text is shown nowhere. Texts below six characters are not remembered: they are in every word. */
  hide(secret: string): void
  text(text: string): string
  header(name: string, value: string): string
  body(text: string): string
}

const hidden = '[hidden]'
const secretKeys = new Set(
  'password sso_salt code client_secret access_token refresh_token log_input_url log_drain_token token resource_token user_scoped_resource_token'.split(
    ' ',
  ),
)

export function createMask(): Mask {
  const secrets = new Set<string>()

  const mask: Mask = {
    hide(secret) {
      if (secret.length < 6) return
      secrets.add(secret)
      secrets.add(encodeURIComponent(secret))
    },
    text(text) {
      let masked = text
      // The longest first: a password may be a part of the URL that is hidden as a whole.
      for (const secret of [...secrets].sort((a, b) => b.length - a.length)) masked = masked.replaceAll(secret, hidden)
      return masked.replace(/\b((?:[a-z_]*token|client_secret|code)=)[^&\s"]+/g, `$1${hidden}`)
    },
    header(name, value) {
      if (name === 'authorization') return `${value.split(' ')[0]} ${hidden}`
      if (name === 'cookie') return value.replace(/=[^;]*/g, `=${hidden}`)
      // A cookie's value may be a session; the name and the flags are what matters.
      if (name === 'set-cookie') return value.replace(/^([^=]+=)[^;]*/, `$1${hidden}`)
      return mask.text(value)
    },
    body(text) {
      try {
        return mask.text(JSON.stringify(withoutSecrets(JSON.parse(text))))
      } catch {
        return mask.text(text)
      }
    },
  }
  return mask
}

function withoutSecrets(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutSecrets)
  if (!isFields(value)) return value
  const shown: Fields = {}
  for (const [key, each] of Object.entries(value)) {
    if (key === 'config') shown[key] = configNames(each)
    else if (secretKeys.has(key) && typeof each === 'string') shown[key] = hidden
    else shown[key] = withoutSecrets(each)
  }
  return shown
}

/** Config as a map or as the Platform API's list: the names and kinds of its values stay, the values do not. */
function configNames(config: unknown): unknown {
  const shownValue = (value: unknown) => (typeof value === 'string' ? hidden : value)
  if (Array.isArray(config)) {
    return config.map((each) => (isFields(each) && 'value' in each ? { ...each, value: shownValue(each.value) } : each))
  }
  if (!isFields(config)) return typeof config === 'string' ? hidden : config
  return Object.fromEntries(Object.entries(config).map(([name, value]) => [name, shownValue(value)]))
}
