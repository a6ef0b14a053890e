import { notFound } from '@mortise/contract/errors'
import type { Region } from '@mortise/contract/platform-api/apps'
import type { RegionCapability } from '@mortise/contract/platform-api/catalog'
import { routes } from '@mortise/contract/platform-api/routes'
import { type Context, type Handler, handle } from '../http/handle.js'
import { derivedId } from '../world/derived-id.js'
import { maySee } from './installable.js'
import { passesOf } from './pass-store.js'
import type { CatalogDeps } from './routes.js'
import type { Service } from './service.js'
import { findService, listServices } from './store.js'
import { regionsOf, serviceView } from './view.js'

/** In which regions a service can be installed, as its manifest says. */
export function capabilityRoutes({ db, installation, regions }: CatalogDeps): Handler[] {
  const viewer = (context: Context) => context.maybeAsker?.account ?? null
  const seen = async (context: Context) => {
    const passes = await passesOf(db, viewer(context)?.id)
    return (await listServices(db)).filter((one) => maySee(one, viewer(context), installation, passes))
  }

  return [
    handle(routes.catalog.capabilities, async (context) => (await seen(context)).flatMap((one) => inAll(one, regions))),
    handle(routes.catalog.capabilitiesOfService, async (context) => {
      const service = await findService(db, context.params.service)
      const passes = await passesOf(db, viewer(context)?.id)
      if (!service || !maySee(service, viewer(context), installation, passes)) throw notFound('add_on_service')
      return inAll(service, regions)
    }),
    handle(routes.catalog.capabilitiesOfRegion, async (context) => {
      const named = context.params.region
      const region = regions.find((one) => one.name === named || one.id === named.toLowerCase())
      if (!region) throw notFound('region')
      return (await seen(context)).flatMap((one) => inAll(one, [region]))
    }),
  ]
}

function inAll(service: Service, regions: readonly Region[]): RegionCapability[] {
  return regionsOf(service, regions).map((region) => ({
    addon_service: serviceView(service),
    id: derivedId('region capability', `${service.id} ${region.id}`),
    region,
    supports_private_networking: false,
  }))
}
