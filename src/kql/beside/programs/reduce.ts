import type { Cell, TableProgram } from '../contract.ts';
import { numberOption } from './groups.ts';

/**
 * `reduce`: texts by their pattern. A word that enough texts have at the same place belongs to the pattern, the others
 * become `*`; a pattern that too few texts share is none, and its texts are among the `others`. A word of digits only
 * is never part of a pattern. Inputs: distinct texts with their count. Options: threshold, characters ('' for all but
 * letters and digits), `perText`. Rows: pattern, count, representative, the most frequent first; or text, pattern,
 * count, representative for each text.
 * Source: https://learn.microsoft.com/kusto/query/reduce-operator; Vaarandi, "A Data Clustering Algorithm for Mining
 * Patterns From Event Logs", 2003.
 */
export const reduce: TableProgram = {
  summary: 'Texts by their common pattern.',
  run([table], options, budget) {
    const rows = table?.rows ?? [];
    const { characters, perText } = options as { characters?: string; perText?: boolean };
    const split = splitter(characters ?? '');
    const total = rows.reduce((sum, row) => sum + Number(row[1]), 0);
    const least = Math.max(2, Math.ceil(numberOption(options, 'threshold') * total));

    const frequency = new Map<string, number>();
    rows.forEach((row, i) => {
      if ((i & 0xfff) === 0) budget.check();
      split(String(row[0])).words.forEach((word, place) => {
        if (isNumber(word)) return;
        const key = `${place} ${word}`;
        frequency.set(key, (frequency.get(key) ?? 0) + Number(row[1]));
      });
    });

    const groups = new Map<string, { count: number; representative: string }>();
    const patterns = rows.map((row, i) => {
      if ((i & 0xfff) === 0) budget.check();
      const text = String(row[0]);
      const pattern = patternOf(split(text), (word, place) => {
        return !isNumber(word) && (frequency.get(`${place} ${word}`) ?? 0) >= least;
      });
      const group = groups.get(pattern) ?? { count: 0, representative: text };
      groups.set(pattern, group);
      group.count += Number(row[1]);
      if (text < group.representative) group.representative = text;
      return pattern;
    });

    const found = new Map<
      string,
      { readonly pattern: string; count: number; readonly representative: string }
    >();
    const others = { pattern: OTHERS, count: 0, representative: '' };
    for (const [pattern, { count, representative }] of groups) {
      if (pattern !== '*' && count >= least) found.set(pattern, { pattern, count, representative });
      else others.count += count;
    }
    const cells = (one: { pattern: string; count: number; representative: string }): Cell[] => [
      one.pattern,
      BigInt(one.count),
      one.representative,
    ];
    if (perText)
      return rows.map((row, i): Cell[] => [row[0] ?? '', ...cells(found.get(patterns[i] ?? '') ?? others)]);
    const sorted = [...found.values()].sort((a, b) => b.count - a.count);
    return [...sorted, ...(others.count > 0 ? [others] : [])].map(cells);
  },
};

const OTHERS = 'others';

interface Words {
  readonly words: readonly string[];
  /** What stands before each word, and after the last. */
  readonly gaps: readonly string[];
}

function splitter(characters: string): (text: string) => Words {
  const between =
    characters === ''
      ? /[^\p{L}\p{N}]+/gu
      : new RegExp(`[\\s${characters.replace(/[\\\]^-]/g, '\\$&')}]+`, 'gu');
  return (text) => {
    const words: string[] = [];
    const gaps: string[] = [];
    let from = 0;
    let gap = '';
    const take = (to: number): void => {
      if (to > from) {
        words.push(text.slice(from, to));
        gaps.push(gap);
        gap = '';
      }
    };
    for (const match of text.matchAll(between)) {
      take(match.index);
      gap += match[0];
      from = match.index + match[0].length;
    }
    take(text.length);
    return { words, gaps: [...gaps, gap] };
  };
}

/** Words that vary become one `*` for each run of them, with the marks around it but for blanks. */
function patternOf({ words, gaps }: Words, isFixed: (word: string, place: number) => boolean): string {
  let out = '';
  let open = false;
  words.forEach((word, place) => {
    const gap = gaps[place] ?? '';
    if (isFixed(word, place)) {
      out += open && gap.trim() !== '' ? word : `${gap}${word}`;
      open = false;
    } else if (!open) {
      out += `${gap.trim() === '' ? gap : ''}*`;
      open = true;
    }
  });
  return open ? out : `${out}${gaps.at(-1) ?? ''}`;
}

function isNumber(word: string): boolean {
  return /^\p{N}+$/u.test(word);
}
