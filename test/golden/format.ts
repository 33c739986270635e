/** One case of a `.golden` file. */
export interface GoldenCase {
  readonly name: string;
  readonly query: string;
  /** What is recorded, in the file's order. An empty text is filled by the next refresh. */
  readonly blocks: readonly GoldenBlock[];
}

export interface GoldenBlock {
  readonly kind: BlockKind;
  readonly text: string;
}

/** `rows` are compared in any order and kept sorted, `rows (ordered)` as they come. */
export type BlockKind = 'plan' | 'optimized' | 'sql' | 'rows' | 'rows (ordered)' | 'error';

const KINDS: readonly string[] = ['plan', 'optimized', 'sql', 'rows', 'rows (ordered)', 'error'];

/**
 * `==== name`, the query, then blocks headed `---- kind`. Text before the first case is a comment and is kept.
 * Throws on a block of an unknown kind.
 */
export function parseGolden(text: string): {
  readonly preface: string;
  readonly cases: readonly GoldenCase[];
} {
  const [preface = '', ...parts] = text.split(/^==== /m);
  return { preface, cases: parts.map(parseCase) };
}

export function printGolden(preface: string, cases: readonly GoldenCase[]): string {
  const printed = cases.map(({ name, query, blocks }) => {
    const texts = blocks.map((block) => `---- ${block.kind}\n${block.text === '' ? '' : `${block.text}\n`}`);
    return `==== ${name}\n${query}\n${texts.join('')}`;
  });
  return preface + printed.join('\n');
}

function parseCase(part: string): GoldenCase {
  const lineEnd = part.indexOf('\n');
  const [query = '', ...blocks] = part.slice(lineEnd + 1).split(/^---- /m);
  return { name: part.slice(0, lineEnd).trim(), query: query.trimEnd(), blocks: blocks.map(parseBlock) };
}

function parseBlock(part: string): GoldenBlock {
  const lineEnd = part.indexOf('\n');
  const kind = part.slice(0, lineEnd < 0 ? undefined : lineEnd).trim();
  if (!KINDS.includes(kind)) throw new Error(`a golden block of the unknown kind \`${kind}\``);
  return { kind: kind as BlockKind, text: lineEnd < 0 ? '' : part.slice(lineEnd + 1).trimEnd() };
}
