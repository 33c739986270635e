/** Text that is safe inside a page. Made by `html` alone, so that a plain string never becomes markup. */
export interface Html {
  readonly kind: 'html';
  readonly text: string;
}

type Part = Html | string | number | undefined | false | readonly Html[];

/** Escapes every part that is not `Html` itself; `undefined` and `false` leave nothing. */
export function html(strings: TemplateStringsArray, ...parts: readonly Part[]): Html {
  const text = strings.reduce((before, piece, i) => `${before}${textOf(parts[i - 1])}${piece}`);
  return { kind: 'html', text };
}

function textOf(part: Part): string {
  if (part === undefined || part === false) return '';
  if (typeof part === 'string' || typeof part === 'number') return escaped(String(part));
  if ('kind' in part) return part.text;
  return part.map(({ text }) => text).join('');
}

/** For text and for attributes in double quotes. */
function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (char) => `&#${char.charCodeAt(0)};`);
}
