/** Whether a service can be called so: 2 to 40 lower-case letters, digits and single hyphens, a letter first. */
export const isSlug = (text: string) =>
  /^[a-z][a-z0-9-]{1,39}$/.test(text) && !text.endsWith('-') && !text.includes('--')
