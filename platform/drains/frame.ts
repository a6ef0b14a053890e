import type { LogLine } from '@mortise/runtime/logs/logs'

/**
 * How a line is written for a drain. `https`: the host is the word "host", no message id. `tcp`: the host is the drain's
 * token, because nothing else on the connection says whose lines they are. Source: Logplex, syslog_utils and its drains.
 */
export type Wire = 'https' | 'tcp'

// Priorities, facility × 8 + severity. Source: lines recorded from Heroku's drains.
const priorityOf = {
  /** local7.info */ app: 190,
  /** local3.info */ router: 158,
  /** local0.info */ addon: 134,
  /** syslog.notice */ platform: 45,
  /** local5.warning */ loss: 172,
} as const

/** Microseconds, which our clock has not. */
const timeOf = (at: Date) => at.toISOString().replace('Z', '000+00:00')

/** One line with its length in front. Source: RFC 6587, section 3.4.1, octet counting. */
export function frameOf(line: LogLine, wire: Wire, token: string): string {
  return counted(line.at, priority(line), line.source, line.dyno, line.text, wire, token)
}

/** Loss is told among the lines, where it happened. Source: Dev Center, "Error codes", L10. */
export function lossFrame(count: number, since: Date, at: Date, wire: Wire, token: string): string {
  const text = `Error L10 (output buffer overflow): ${count} messages dropped since ${since.toISOString().slice(0, 19)}+00:00.`
  return counted(at, priorityOf.loss, 'heroku', 'logplex', text, wire, token)
}

function counted(at: Date, pri: number, source: string, proc: string, text: string, wire: Wire, token: string): string {
  const host = wire === 'https' ? 'host' : token
  const dashes = wire === 'https' ? '-' : '- -'
  // A line break would begin another line for receivers that read by lines.
  const message = `<${pri}>1 ${timeOf(at)} ${host} ${source} ${proc} ${dashes} ${text.replace(/[\r\n]+/g, ' ')}\n`
  return `${Buffer.byteLength(message)} ${message}`
}

function priority({ source, dyno, isAddon }: LogLine): number {
  if (isAddon) return priorityOf.addon
  if (source === 'heroku') return dyno === 'router' ? priorityOf.router : priorityOf.platform
  return dyno === 'api' ? priorityOf.platform : priorityOf.app
}
