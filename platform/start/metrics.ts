import { collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'
import type { RequestLine } from '../http/server.js'

export interface Metrics {
  request(line: RequestLine): void
  text(): Promise<string>
  contentType: string
}

/** What `/metrics` shows: this process, requests by route pattern, and dynos by state. */
export function createMetrics(dynos: () => readonly { state: string }[]): Metrics {
  // A registry of its own: several platforms may live in one process, as in tests.
  const registry = new Registry()
  collectDefaultMetrics({ register: registry })
  const seconds = new Histogram({
    name: 'mortise_http_request_seconds',
    help: 'Time to answer requests to the API and pages',
    labelNames: ['method', 'route', 'status'],
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 25],
    registers: [registry],
  })
  new Gauge({
    name: 'mortise_dynos',
    help: 'Dynos by state',
    labelNames: ['state'],
    registers: [registry],
    collect() {
      this.reset()
      for (const { state } of dynos()) this.inc({ state })
    },
  })
  return {
    request: ({ method, route, status, ms }) => seconds.observe({ method, route, status }, ms / 1000),
    text: () => registry.metrics(),
    contentType: registry.contentType,
  }
}
