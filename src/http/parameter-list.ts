/** A parameter of a function. */
export interface Parameter {
  readonly name: string;
  /** A scalar type, or the schema of a table with its parentheses. */
  readonly type: string;
  /** The text of its literal; undefined where there is none. */
  readonly fallback: string | undefined;
}

/** Parameters in the language's notation, `(T:(*), name:string='x', rows:long=1000)`. They are known to be well-formed. */
export function readParameters(text: string): readonly Parameter[] {
  const inner = text.trim().replace(/^\(|\)$/g, '');
  return splitOutside(inner, ',')
    .filter((part) => part.trim() !== '')
    .map((part) => {
      const [head = '', ...rest] = splitOutside(part, '=');
      const colon = head.indexOf(':');
      const name = (colon < 0 ? head : head.slice(0, colon)).trim();
      const type = colon < 0 ? 'dynamic' : head.slice(colon + 1).trim();
      return { name, type, fallback: rest.length === 0 ? undefined : rest.join('=').trim() };
    });
}

/** Splits where neither a text nor a pair of parentheses is open. */
function splitOutside(text: string, separator: string): readonly string[] {
  const parts: string[] = [];
  let depth = 0;
  let quote = '';
  let from = 0;
  for (let at = 0; at < text.length; at++) {
    const char = text.charAt(at);
    if (quote !== '') {
      if (char === '\\') at += 1;
      else if (char === quote) quote = '';
    } else if (char === '"' || char === "'") quote = char;
    else if (char === '(' || char === '[') depth += 1;
    else if (char === ')' || char === ']') depth -= 1;
    else if (char === separator && depth === 0) {
      parts.push(text.slice(from, at));
      from = at + 1;
    }
  }
  return [...parts, text.slice(from)];
}
