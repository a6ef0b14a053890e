import type { Addon, Attachment } from '@mortise/contract/platform-api/addons'
import type { Release } from '@mortise/contract/platform-api/releases'

export interface Step {
  title: string
  state: 'done' | 'now' | 'next' | 'failed'
  /** Words beneath it: the provider's own, or what is being waited for. */
  says?: string
}

interface Seen {
  service: string
  app: string
  /** Where the app was made, if it was made for this. */
  madeIn?: string | undefined
  /** As the app's page has it; undefined once it is gone from there. */
  addon: Pick<Addon, 'state' | 'provision_message' | 'name'> | undefined
  attachments: readonly Pick<Attachment, 'addon' | 'config_vars'>[]
  releases: readonly Pick<Release, 'version' | 'status' | 'description'>[]
}

/** How far a new add-on is on its way into the app: what has been seen, nothing guessed. */
export function installSteps({ madeIn, ...seen }: Seen): Step[] {
  const made: Step[] = madeIn ? [{ title: `${seen.app} was made in ${madeIn}`, state: 'done' }] : []
  return [...made, ...addonSteps(seen)]
}

function addonSteps({ service, app, addon, attachments, releases }: Seen): Step[] {
  const name = addon?.name ?? 'the add-on'
  const ordered: Step = { title: `Ordered for ${app}`, state: 'done' }
  if (!addon || addon.state === 'deprovisioned' || addon.state === 'deprovisioning') {
    const says = addon?.provision_message || 'Its provider gave no reason. Nothing is charged.'
    return [ordered, { title: `${service} could not create it`, state: 'failed', says }]
  }
  if (addon.state === 'provisioning') {
    return [
      ordered,
      {
        title: `${service} is creating it`,
        state: 'now',
        ...(addon.provision_message ? { says: addon.provision_message } : {}),
      },
      { title: 'Its config vars go out with a release', state: 'next' },
      { title: `${app} runs with them`, state: 'next' },
    ]
  }
  const created: Step = {
    title: `${service} created it`,
    state: 'done',
    ...(addon.provision_message ? { says: addon.provision_message } : {}),
  }
  const names = attachments.filter((one) => one.addon.name === addon.name).flatMap((one) => one.config_vars ?? [])
  const release = releases.find((one) => namesIn(one.description).includes(name))
  if (!release) {
    return [
      ordered,
      created,
      { title: 'Its config vars go out with a release', state: 'now' },
      { title: `${app} runs with them`, state: 'next' },
    ]
  }
  const released: Step = {
    title: `Release v${release.version} has its config vars`,
    state: 'done',
    ...(names.length ? { says: names.join(', ') } : {}),
  }
  // A release that is older than the newest was overtaken: what runs has its config vars all the same.
  const last: Step =
    release.status === 'pending'
      ? { title: `${app} restarts with them`, state: 'now' }
      : release.status === 'failed'
        ? {
            title: `${app} did not start with release v${release.version}`,
            state: 'failed',
            says: 'It goes on with the release before. Look at its releases and its logs.',
          }
        : { title: `${app} has them`, state: 'done' }
  return [ordered, created, released, last]
}

/** `Attach MAIN (@ref:fast-db-1)` names the add-on among other words. */
const namesIn = (description: string) => description.split(/[@:(), ]/)
