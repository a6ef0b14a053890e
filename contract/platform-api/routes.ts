import { imageRoutes, pipelineRoutes, spaceRoutes } from './absent.js'
import { accountRoutes, authorizationRoutes, oauthClientRoutes, webSessionRoutes } from './accounts.js'
import { activityRoutes } from './activity.js'
import { addonRoutes, attachmentRoutes, partnerRoutes } from './addons.js'
import { appSetupRoutes } from './app-setups.js'
import { appRoutes, placeRoutes } from './apps.js'
import { buildRoutes, sourceRoutes } from './builds.js'
import { callerRoutes } from './caller.js'
import { catalogRoutes, portalRoutes } from './catalog.js'
import { changeRoutes } from './changes.js'
import { discrepancyRoutes } from './discrepancies.js'
import { documentRoutes } from './documents.js'
import { acmRoutes, domainRoutes, sniEndpointRoutes } from './domains.js'
import { drainRoutes, telemetryDrainRoutes } from './drains.js'
import { dynoRoutes, formationRoutes, logRoutes } from './dynos.js'
import { dynoSizeRoutes, generationRoutes } from './generations.js'
import { installationAccountRoutes } from './installation-accounts.js'
import { inviteRoutes } from './invites.js'
import { invoiceRoutes } from './invoices.js'
import { liveRoutes } from './live.js'
import { loginRoutes } from './login.js'
import { oauthTokenRoutes } from './oauth-tokens.js'
import { ledgerRoutes, operationRoutes } from './operations.js'
import { passwordResetRoutes } from './password-resets.js'
import { preferenceRoutes } from './preferences.js'
import { providerPortalRoutes } from './provider-portal.js'
import { providerRoutes } from './providers.js'
import { pulseRoutes } from './pulse.js'
import { quotaRoutes } from './quotas.js'
import { configRoutes, releaseRoutes } from './releases.js'
import { stageRequestRoutes } from './stage-requests.js'
import { teamAppRoutes, teamRoutes, transferRoutes } from './teams.js'
import { kensaRoutes, partnerPermissionRoutes, usageRoutes, vendorRoutes } from './vendor.js'
import { addonWebhookRoutes, webhookRoutes } from './webhooks.js'
import { workerRoutes } from './workers.js'

/** The whole customer side as one table: `routes.addons.create`, `routes.releases.list`, … */
export const routes = {
  account: accountRoutes,
  preferences: preferenceRoutes,
  authorizations: authorizationRoutes,
  oauthClients: oauthClientRoutes,
  oauthTokens: oauthTokenRoutes,
  webSession: webSessionRoutes,
  login: loginRoutes,
  invites: inviteRoutes,
  passwordResets: passwordResetRoutes,
  quotas: quotaRoutes,
  accounts: installationAccountRoutes,
  teams: teamRoutes,
  teamApps: teamAppRoutes,
  transfers: transferRoutes,
  apps: appRoutes,
  appSetups: appSetupRoutes,
  places: placeRoutes,
  generations: generationRoutes,
  dynoSizes: dynoSizeRoutes,
  pipelines: pipelineRoutes,
  spaces: spaceRoutes,
  images: imageRoutes,
  domains: domainRoutes,
  sniEndpoints: sniEndpointRoutes,
  acm: acmRoutes,
  changes: changeRoutes,
  config: configRoutes,
  releases: releaseRoutes,
  activity: activityRoutes,
  sources: sourceRoutes,
  builds: buildRoutes,
  formation: formationRoutes,
  dynos: dynoRoutes,
  logs: logRoutes,
  drains: drainRoutes,
  telemetryDrains: telemetryDrainRoutes,
  catalog: catalogRoutes,
  portal: portalRoutes,
  addons: addonRoutes,
  attachments: attachmentRoutes,
  partner: partnerRoutes,
  live: liveRoutes,
  operations: operationRoutes,
  ledger: ledgerRoutes,
  providers: providerRoutes,
  providerPortal: providerPortalRoutes,
  stageRequests: stageRequestRoutes,
  discrepancies: discrepancyRoutes,
  invoices: invoiceRoutes,
  vendor: vendorRoutes,
  usage: usageRoutes,
  kensa: kensaRoutes,
  partnerPermissions: partnerPermissionRoutes,
  webhooks: webhookRoutes,
  addonWebhooks: addonWebhookRoutes,
  documents: documentRoutes,
  pulse: pulseRoutes,
  workers: workerRoutes,
  caller: callerRoutes,
} as const
