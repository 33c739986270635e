/** A client's text in a message: short, and without characters that could break out of a line. */
export function shown(text: string): string {
  return text.replace(/[^\x21-\x7e ]/g, '?').slice(0, 200);
}
