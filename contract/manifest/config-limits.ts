import { isReservedConfigName } from './reserved.js'

export { isReservedConfigName }

/** Bytes of one config value, in UTF-8. */
export const configValueBytesMax = 32 * 1024

/** Bytes of all of an app's config, names and values together. Far below what a process may start with on Linux. */
export const appConfigBytesMax = 64 * 1024

/** Whether a provider may declare this name. Source: kensa 3.1.0, `/^[A-Z][0-9A-Z_]+$/`. */
export function isConfigName(name: string): boolean {
  return /^[A-Z][0-9A-Z_]+$/.test(name)
}

/**
 * Why this value cannot be put into an environment, or null when it can. The sentence never repeats the value.
 */
export function configValueProblem(name: string, value: string): string | null {
  if (value.includes('\0')) return `The value of ${name} holds a NUL byte, which no environment can carry.`
  if (Buffer.byteLength(value) > configValueBytesMax) {
    return `The value of ${name} is longer than ${configValueBytesMax / 1024} KiB.`
  }
  return null
}
