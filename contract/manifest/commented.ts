/**
 * Reads JSON in which lines that begin with // are comments, as in the annotated example. Empty lines in their place keep
 * the numbers that a parser tells.
 * @throws SyntaxError as JSON.parse
 */
export const parseCommented = (text: string): unknown => JSON.parse(text.replace(/^[ \t]*\/\/.*$/gm, ''))
