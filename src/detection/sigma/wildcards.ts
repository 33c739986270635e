/** Text with the wildcards of Sigma: `*` any characters, `?` one; a backslash in front makes them, and itself, plain. */
export type Piece = { readonly text: string } | { readonly wild: '*' | '?' };

/** Source: https://sigmahq.io/sigma-specification/specification/sigma-rules-specification.html#escaping */
export function pieces(value: string): readonly Piece[] {
  const found: Piece[] = [];
  let text = '';
  for (let i = 0; i < value.length; i++) {
    const char = value[i] as string;
    const next = value[i + 1];
    if (char === '\\' && (next === '*' || next === '?' || next === '\\')) {
      text += next;
      i++;
    } else if (char === '*' || char === '?') {
      if (text !== '') found.push({ text });
      text = '';
      found.push({ wild: char });
    } else text += char;
  }
  if (text !== '') found.push({ text });
  return found;
}

/** The text where there is no wildcard in it. */
export function plainText(parts: readonly Piece[]): string | undefined {
  if (parts.length === 0) return '';
  const [only] = parts;
  return parts.length === 1 && only !== undefined && 'text' in only ? only.text : undefined;
}

/** An RE2 pattern for the whole text, case ignored unless `cased`. */
export function regexOf(parts: readonly Piece[], cased: boolean): string {
  const body = parts
    .map((part) =>
      'text' in part ? part.text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&') : part.wild === '*' ? '.*' : '.',
    )
    .join('');
  return `(?s${cased ? '' : 'i'})^${body}$`;
}
