import type { Builder } from '@mortise/runtime/build/build'
import type { Driver } from '@mortise/runtime/driver'

const refuse = async (): Promise<never> => {
  throw new Error('apps run in another process of this installation')
}

/** For a process that runs no apps: nothing runs here, and nothing can be started. */
export const driverElsewhere: Driver = {
  roll: refuse,
  scale: refuse,
  restart: refuse,
  stopDyno: refuse,
  run: refuse,
  remove: refuse,
  list: () => [],
  webTargets: () => [],
  onChange: () => () => undefined,
  stop: async () => undefined,
}

export const builderElsewhere: Builder = { build: refuse, forget: refuse }
