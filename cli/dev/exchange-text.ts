import type { Mask } from '@mortise/contract/partner-api/mask'
import type { Paint } from '../paint.js'
import { plainText } from '../plain-text.js'
import type { Passed } from './tap.js'

/** Characters of a body that are shown: a page is no news. */
const bodyCharsMax = 600

/** One request and its answer as a few lines, without secrets. @param way such as "platform → provider" */
export function exchangeText(passed: Passed, way: string, mask: Mask, paint: Paint): string {
  const { method, path, status, ms, remark } = passed
  const colour = status === null || status >= 500 ? paint.red : status >= 400 ? paint.yellow : paint.green
  const lines = [
    `${paint.dim(way)} ${paint.bold(plainText(`${method} ${mask.text(path)}`))} ${colour(String(status ?? 'no answer'))} ${paint.dim(`${ms} ms`)}`,
    ...part('sent', passed.sent, mask),
    ...part('received', passed.received, mask),
    ...(remark ? [`    ${paint.yellow(remark)}`] : []),
  ]
  return lines.join('\n')
}

function part(title: string, body: string, mask: Mask): string[] {
  if (!body) return []
  // Of a page its title says enough.
  const page = /^\s*<(!doctype|html)/i.test(body)
    ? `a page, "${/<title>([^<]*)/i.exec(body)?.[1]?.trim() ?? ''}"`
    : null
  const shown = plainText(page ?? mask.body(body))
  return [`    ${title}: ${shown.slice(0, bodyCharsMax)}${shown.length > bodyCharsMax ? '…' : ''}`]
}
