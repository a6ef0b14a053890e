import type { MaskedBody } from './provider-portal.js'

/** What people read of a body: its fields over several lines, or what is known of it. */
export function maskedBodyText(body: MaskedBody | null): string {
  if (body === null) return 'Not kept.'
  if (body.kind === 'empty') return 'No body.'
  if (body.content !== null) return JSON.stringify(body.content, null, 2)
  const digest = body.digest === null ? '' : `, SHA-256 ${body.digest}…`
  return `Not JSON: ${maskedBodyFacts(body)}${digest}`
}

/** `application/json, 612 bytes`, and whether something is left out. */
export function maskedBodyFacts({ bytes, content_type, kind, shortened }: MaskedBody): string {
  if (kind === 'empty') return ''
  const size = `${bytes.toLocaleString('en-US')} ${bytes === 1 ? 'byte' : 'bytes'}`
  return [content_type ?? 'no type', size, ...(shortened ? ['shortened'] : [])].join(', ')
}
