import type { Dyno as WireDyno } from '@mortise/contract/platform-api/dynos'
import { timestamp } from '@mortise/contract/platform-api/shared'
import type { Dyno } from '@mortise/runtime/driver'

export function dynoView(dyno: Dyno, app: { id: string; name: string }, releaseId: string): WireDyno {
  return {
    app: { id: app.id, name: app.name },
    attach_url: null,
    command: dyno.command,
    created_at: timestamp(dyno.startedAt),
    id: dyno.id,
    name: dyno.name,
    release: { id: releaseId, version: dyno.version },
    size: dyno.size,
    state: dyno.state,
    type: dyno.type,
    updated_at: timestamp(dyno.updatedAt),
  }
}
