import type { Column } from '../../src/model/table-schema.ts';
import { type Expectation, REST, type RowsExpectation } from './cases.ts';
import { type CellRules, matchesInSomeOrder, sameCell, showCell } from './cell.ts';

/** What the engine answered: one raw JSON token per cell. */
export interface Answer {
  readonly columns: readonly Column[];
  readonly rows: readonly (readonly string[])[];
}

export type Difference = 'names' | 'types' | 'rows';

/** What is wrong with an answer; undefined if nothing is. A case that must be rejected has no right answer. */
export function difference(
  expected: Exclude<Expectation, { kind: 'rejected' }>,
  answer: Answer,
): Difference | undefined {
  switch (expected.kind) {
    case 'runs':
      return sameNames(expected.columns, answer) ? undefined : 'names';
    case 'text':
      return holdsText(expected, answer) ? undefined : 'rows';
    case 'rows': {
      if (!expected.alternatives.some((rows) => sameRows(rows, expected, answer))) return 'rows';
      if (!sameNames(expected.columns, answer)) return 'names';
      return sameTypes(expected.types, answer) ? undefined : 'types';
    }
  }
}

function sameNames(alternatives: readonly (readonly string[])[], answer: Answer): boolean {
  if (alternatives.length === 0) return true;
  const found = answer.columns.map(({ name }) => name);
  return alternatives.some((names) =>
    names.includes(REST) ? showsSome(names, found) : isSame(names, found),
  );
}

function isSame(names: readonly string[], found: readonly string[]): boolean {
  return names.length === found.length && names.every((name, i) => name === found[i]);
}

/** True if the shown columns are some of those found, in their order. */
function showsSome(names: readonly string[], found: readonly string[]): boolean {
  let at = 0;
  for (const name of names.filter((name) => name !== REST)) {
    at = found.indexOf(name, at) + 1;
    if (at === 0) return false;
  }
  return true;
}

function sameTypes(types: readonly string[] | undefined, answer: Answer): boolean {
  if (types === undefined) return true;
  return types.every((type, i) => type.split('|').includes(answer.columns[i]?.type ?? ''));
}

function sameRows(rows: readonly (readonly unknown[])[], expected: RowsExpectation, answer: Answer): boolean {
  if (expected.rowCount !== undefined && answer.rows.length !== expected.rowCount) return false;
  const rules: CellRules = {
    printed: expected.cells === 'printed',
    unorderedArrays: expected.unorderedArrays,
    significantDigits: expected.loosening?.significantDigits,
    rings: expected.loosening?.rings === true,
  };
  const skipped = new Set(expected.loosening?.skipColumns ?? []);
  const same = (left: readonly unknown[], right: readonly string[]) =>
    left.length === (expected.extent === 'some' ? left.length : right.length) &&
    left.every((cell, i) => {
      const column = answer.columns[i];
      const token = right[i];
      if (column === undefined || token === undefined) return false;
      return skipped.has(column.name) || sameOrUnreadable(cell, token, column.type, rules);
    });
  switch (expected.extent) {
    case 'last': {
      const [last, wanted] = [answer.rows.at(-1), rows.at(-1)];
      return last !== undefined && wanted !== undefined && same(wanted, last);
    }
    case 'some': {
      const free = [...answer.rows];
      return rows.every((row) => {
        const found = free.findIndex((candidate) => same(row, candidate));
        if (found >= 0) free.splice(found, 1);
        return found >= 0;
      });
    }
    case 'all':
      if (rows.length !== answer.rows.length) return false;
      if (expected.ordered) return rows.every((row, i) => same(row, answer.rows[i] ?? []));
      return matchesInSomeOrder(rows, answer.rows, same);
  }
}

/** A printed cell that cannot be read as the column's type differs from every value of it. */
function sameOrUnreadable(...[cell, token, type, rules]: Parameters<typeof sameCell>): boolean {
  try {
    return sameCell(cell, token, type, rules);
  } catch {
    return false;
  }
}

function holdsText(expected: Extract<Expectation, { kind: 'text' }>, answer: Answer): boolean {
  const squash = (text: string) => (expected.squashed ? text.replace(/\s/g, '') : text);
  const shown = answer.rows.map((row) =>
    row.map((token, i) => squash(showCell(token, answer.columns[i]?.type ?? 'string'))),
  );
  const wanted = squash(expected.text);
  if (expected.place === 'first-cell-start') return shown[0]?.[0]?.startsWith(wanted) === true;
  return shown.some((row) => row.some((cell) => cell.includes(wanted)));
}
