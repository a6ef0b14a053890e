/** Process types of a Procfile: name -> command. Source: Dev Center, "The Procfile". A later line of the same name wins. */
export function parseProcfile(text: string): Record<string, string> {
  const types: Record<string, string> = {}
  for (const line of text.split(/\r\n|\n|\r/)) {
    // Heroku's own expression: letters, digits, - and _, a colon, a command. Other lines are passed over.
    const [, name, command] = line.match(/^[ \t]*([A-Za-z0-9_-]+):[ \t]*(.+?)[ \t]*$/) ?? []
    if (name && command) types[name] = command
  }
  return types
}
