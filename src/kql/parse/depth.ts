/** Comments, block strings, verbatim and plain strings, and brackets: what decides how deep a text nests. */
const PARTS =
  /\/\/[^\n]*|```[\s\S]*?(?:```|$)|~~~[\s\S]*?(?:~~~|$)|@"(?:[^"]|"")*"?|@'(?:[^']|'')*'?|"(?:[^"\\\n]|\\.)*"?|'(?:[^'\\\n]|\\.)*'?|[([{]|[)\]}]/g;

/** A text that nests deeper takes the parser seconds, and its binder refuses it then. */
const MAX_DEPTH = 1000;

/** Where brackets stand deeper in each other than a text may nest; undefined for any other text. */
export function tooDeepAt(text: string): number | undefined {
  let depth = 0;
  for (const match of text.matchAll(PARTS)) {
    const [part] = match;
    if (part.length > 1) continue;
    if (part === '(' || part === '[' || part === '{') depth++;
    else if (part === ')' || part === ']' || part === '}') depth--;
    if (depth > MAX_DEPTH) return match.index;
  }
  return undefined;
}
