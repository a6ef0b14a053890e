import { readOptions } from '@mortise/contract/manifest/options'
import { listPageMax } from '@mortise/contract/partner-api/list'
import { acceptV1, acceptV3, type ProvisionQuestion, provisionAnswerMs } from '@mortise/contract/partner-api/provision'
import type { Service } from '../catalog/service.js'
import type { Outbound, OutboundAnswer, OutboundQuestion } from '../http/outbound.js'
import { answerBytesMax, listBytesMax } from './answers.js'
import { type Gate, openGate } from './gate.js'
import { type Exchange, maskExchange, nothingPassed } from './masked-body.js'

/** What came of a question about a resource, and of what passed what may be kept. */
export type PartnerAnswer = OutboundAnswer & { exchange: Exchange }

/** The protocol's calls under their own names, and nothing else. What an answer means is answers.ts' to say. */
export interface PartnerClient {
  provision(to: Provider, question: ProvisionQuestion): Promise<PartnerAnswer>
  changePlan(to: Provider, resource: Resource, plan: string): Promise<PartnerAnswer>
  deprovision(to: Provider, resource: Resource): Promise<PartnerAnswer>
  /** Our extension. @param after the `next` of the page before; null for the first */
  list(to: Provider, after: string | null): Promise<OutboundAnswer>
}

/** Where and how a service is asked. */
export interface Provider {
  service: Service
  password: string
  /** Good a while longer: asked with when the newest is refused, because a provider changes its secrets one by one. */
  olderPasswords?: readonly string[]
}

export interface Resource {
  uuid: string
  /** The provider's own id; v1 puts it into the path. */
  providerId: string | null
  /** Of the app that pays for it; null once that is gone. */
  appNumber?: number | null
}

/** What stands in the path: the uuid for v3, the provider's id for v1 (null: nothing to name it by). */
export function pathId(service: Service, resource: Resource): string | null {
  return service.protocol === 'heroku-v3' ? resource.uuid : resource.providerId
}

/**
 * @param answerMs from the question until the whole answer has been read
 * @param gate decides whether a question goes out at all
 */
export function createPartnerClient(
  outbound: Outbound,
  answerMs = provisionAnswerMs,
  gate: Gate = openGate,
): PartnerClient {
  const basic = (to: Provider, password: string) => Buffer.from(`${to.service.name}:${password}`).toString('base64')
  const acceptOf = (service: Service) => (service.protocol === 'heroku-v3' ? acceptV3 : acceptV1)
  const limits = { timeoutMs: answerMs, answerBytesMax }

  /**
   * With the password in force, and after a 401 with those that were before it. A provider that repeats its password in
   * an error must not get it into our rows. With 200 and 201 comes config, as it is.
   */
  async function send(
    to: Provider,
    addonId: string,
    question: Omit<OutboundQuestion, keyof typeof limits> & { answerBytesMax?: number },
  ): Promise<OutboundAnswer> {
    const passwords = [to.password, ...(to.olderPasswords ?? [])]
    const sendWith = (password: string) =>
      gate.pass({ serviceId: to.service.id, addonId }, () =>
        outbound.send({
          ...limits,
          ...question,
          headers: { authorization: `Basic ${basic(to, password)}`, ...question.headers },
        }),
      )
    let answer = await sendWith(to.password)
    for (const older of passwords.slice(1)) {
      if (answer.got !== 'answer' || answer.status !== 401) break
      answer = await sendWith(older)
    }
    if (answer.got !== 'answer' || answer.status === 200 || answer.status === 201) return answer
    const body = passwords
      .flatMap((password) => [password, basic(to, password)])
      .filter(Boolean)
      .reduce((text, secret) => text.replaceAll(secret, '[secret]'), answer.body)
    return { ...answer, body }
  }

  /** The same about a resource: what passed is kept, without what is secret in it. */
  async function ask(
    to: Provider,
    addonId: string,
    question: Pick<OutboundQuestion, 'method' | 'url' | 'body'> & { accept?: string },
  ): Promise<PartnerAnswer> {
    const { accept = acceptOf(to.service), ...rest } = question
    const type = question.body === undefined ? null : 'application/json'
    const headers = { accept, ...(type ? { 'content-type': type } : {}) }
    const answer = await send(to, addonId, { ...rest, headers })
    const { manifest } = to.service
    const exchange = maskExchange({
      sent: answer.got === 'not sent' ? null : { text: question.body ?? '', type },
      received:
        answer.got === 'answer'
          ? { text: answer.body, type: answer.headers['content-type'] ?? null, cut: answer.cut }
          : null,
      ours: 'sent',
      secrets: [to.password, ...(to.olderPasswords ?? [])].flatMap((password) => [password, basic(to, password)]),
      names: [...manifest.api.config_vars, ...readOptions(manifest.options).map(({ name }) => name)],
    })
    return { ...answer, exchange }
  }

  function resourceUrl(to: Provider, resource: Resource): string | null {
    const id = pathId(to.service, resource)
    return id === null
      ? null
      : `${to.service.manifest.api.production.base_url.replace(/\/$/, '')}/${encodeURIComponent(id)}`
  }
  const unknown: PartnerAnswer = {
    got: 'not sent',
    reason: "the provider's id of this resource is not known",
    exchange: nothingPassed,
  }

  return {
    provision: (to, question) =>
      ask(to, question.uuid, {
        method: 'POST',
        url: to.service.manifest.api.production.base_url,
        body: JSON.stringify(question),
      }),
    async changePlan(to, resource, plan) {
      const url = resourceUrl(to, resource)
      if (url === null) return unknown
      return ask(to, resource.uuid, {
        method: 'PUT',
        url,
        body: JSON.stringify({
          plan,
          uuid: resource.uuid,
          ...(resource.appNumber ? { heroku_id: herokuId(resource.appNumber) } : {}),
        }),
      })
    },
    async deprovision(to, resource) {
      const url = resourceUrl(to, resource)
      if (url === null) return unknown
      const answer = await ask(to, resource.uuid, { method: 'DELETE', url })
      // A strict server refused the platform's Accept on DELETE: once more, admitting anything.
      return answer.got === 'answer' && answer.status === 406
        ? ask(to, resource.uuid, { method: 'DELETE', url, accept: '*/*' })
        : answer
    },
    list(to, after) {
      const { service } = to
      const url = new URL(service.manifest.api.production.base_url)
      url.searchParams.set('limit', String(listPageMax))
      if (after !== null) url.searchParams.set('after', after)
      // It is about no resource; however often it fails, it counts as one failure of the provider.
      return send(to, service.id, {
        method: 'GET',
        url: url.href,
        headers: { accept: acceptOf(service) },
        answerBytesMax: listBytesMax,
      })
    },
  }
}

/** How v1 names the app that pays for an add-on: it stays when the app is renamed. */
export function herokuId(appNumber: number): string {
  return `app${appNumber}@heroku.com`
}

/**
 * Where a provider finds what belongs to a resource. v1 speaks of the app, and where one app may have several resources
 * of a service, of the resource. Source: Dev Center, provider API (2014) and partner API (2024).
 */
export function callbackUrl(origin: string, service: Service, uuid: string, appNumber: number | null): string {
  if (service.protocol === 'heroku-v3') return `${origin}/addons/${uuid}`
  const isOneOfMany = service.manifest.api.requires.includes('many_per_app') || appNumber === null
  return `${origin}/vendor/apps/${isOneOfMany ? uuid : encodeURIComponent(herokuId(appNumber))}`
}
