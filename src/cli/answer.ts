/** A hunting answer as text, cut into raw JSON tokens: a 64-bit integer keeps its digits. */
export interface AnswerText {
  readonly columns: readonly { readonly Name: string; readonly Type: string }[];
  /** One JSON object per row, as it was sent. */
  readonly rows: readonly string[];
}

/** `text` is the whole body of `POST /api/advancedhunting/run`. Throws `SyntaxError` on anything else. */
export function cutAnswer(text: string): AnswerText {
  const members = new Map(cutObject(text));
  const schema = members.get('Schema');
  const results = members.get('Results');
  if (schema === undefined || results === undefined) throw new SyntaxError('not a hunting answer');
  return { columns: JSON.parse(schema), rows: cutArray(results) };
}

/** Members of a JSON object: name and raw value, in order. */
export function cutObject(text: string): [string, string][] {
  const members: [string, string][] = [];
  for (const piece of pieces(text, '{', '}')) {
    const nameEnd = endOfValue(piece, 0);
    const value = piece.slice(piece.indexOf(':', nameEnd) + 1).trim();
    members.push([JSON.parse(piece.slice(0, nameEnd)), value]);
  }
  return members;
}

/** Raw values of a JSON array, in order. */
function cutArray(text: string): string[] {
  return [...pieces(text, '[', ']')];
}

/** The parts between the commas of an object or array. */
function* pieces(text: string, open: string, close: string): Generator<string> {
  const trimmed = text.trim();
  if (!trimmed.startsWith(open) || !trimmed.endsWith(close)) throw new SyntaxError('unexpected JSON');
  const end = trimmed.length - 1;
  let start = 1;
  let at = 1;
  while (at < end) {
    const char = trimmed[at];
    if (char === ',') {
      yield trimmed.slice(start, at).trim();
      start = at + 1;
      at++;
    } else if (char === '"' || char === '{' || char === '[') at = endOfValue(trimmed, at);
    else at++;
  }
  const last = trimmed.slice(start, end).trim();
  if (last !== '') yield last;
}

/** The place after the string, object or array that begins at `start`. */
function endOfValue(text: string, start: number): number {
  let depth = 0;
  for (let at = start; at < text.length; at++) {
    const char = text[at];
    if (char === '"') {
      at++;
      while (at < text.length && text[at] !== '"') at += text[at] === '\\' ? 2 : 1;
    } else if (char === '{' || char === '[') depth++;
    else if (char === '}' || char === ']') depth--;
    if (depth === 0) return at + 1;
  }
  throw new SyntaxError('JSON ended early');
}
