import { encodeNavData, type NavData } from '@mortise/contract/partner-api/nav-data'
import type { Addon } from '../addons/addon.js'
import type { Service } from '../catalog/service.js'

/** The provider sets it as a cookie, and browsers keep about 4,096 bytes of one with its name and attributes. */
export const navDataBytesMax = 3_500

/**
 * What the nav header shows beside this add-on: the app's others, by name. Those that do not fit into a cookie are
 * left out from the end, icons first; the current one is always there.
 */
export function navDataOf(
  current: { addon: Addon; service: Service },
  appName: string,
  others: readonly Addon[],
  icons: ReadonlyMap<string, string>,
): string {
  const entry = (addon: Addon): NavData['addons'][number] => ({
    slug: addon.serviceName,
    name: addon.name,
    ...(addon.id === current.addon.id ? { current: true } : {}),
    ...(icons.has(addon.serviceId) ? { icon: icons.get(addon.serviceId) } : {}),
  })
  const all = [current.addon, ...others.filter((addon) => addon.id !== current.addon.id)]
    .map((addon) => entry(addon))
    .sort((a, b) => (a.name < b.name ? -1 : 1))
  const data = (addons: NavData['addons']) =>
    encodeNavData({ addon: current.service.humanName, appname: appName, addons })

  if (data(all).length <= navDataBytesMax) return data(all)
  let fitting = all.map(({ icon: _, ...bare }) => bare)
  while (data(fitting).length > navDataBytesMax && fitting.length > 1) {
    const last = fitting.findLastIndex((one) => one.current !== true)
    fitting = fitting.filter((_, index) => index !== last)
  }
  return data(fitting)
}
