import type { Addon } from '@mortise/contract/platform-api/addons'
import { useEffect, useRef } from 'react'
import { api, routes } from '../api.js'
import { useSay } from '../kit/toast.js'

/**
 * Tells what became of an add-on that was on its way and left the list. One that failed stays readable for a while,
 * with the provider's reason in it; without this it would just not be there any more.
 */
export function useGone(addons: readonly Addon[] | undefined): void {
  const say = useSay()
  const moving = useRef(new Map<string, Addon>())
  useEffect(() => {
    if (!addons) return
    const present = new Set(addons.map((addon) => addon.id))
    for (const before of moving.current.values()) {
      if (present.has(before.id)) continue
      if (before.state === 'deprovisioning') say(`${before.name} is removed.`)
      else void tellFailure(before, say)
    }
    moving.current = new Map(
      addons
        .filter((addon) => addon.state === 'provisioning' || addon.state === 'deprovisioning')
        .map((addon) => [addon.id, addon]),
    )
  }, [addons, say])
}

async function tellFailure(before: Addon, say: ReturnType<typeof useSay>) {
  const reason = await api
    .call(routes.addons.info, { params: { addon: before.id } })
    .then((addon) => addon.provision_message)
    // No longer readable: that it could not be created is still worth saying.
    .catch(() => '')
  say(`${before.name} could not be created.${reason ? ` ${reason}` : ''}`, 'bad')
}
