import { CELL_FORMATS } from '../hunting/cells.ts';
import type { Column } from '../model/table-schema.ts';

/** A row of a rule's query: the text of each cell, '' for null and for a column that the rows do not have. */
export interface EventRow {
  text(column: string): string;
}

/** Reads rows of raw JSON tokens. Times become `2020-08-30T06:38:35.7664356Z`, dynamics JSON text. */
export function rowReader(columns: readonly Column[]): (tokens: readonly string[]) => EventRow {
  const places = new Map(columns.map(({ name }, place) => [name, place]));
  return (tokens) => ({
    text(column) {
      const place = places.get(column);
      if (place === undefined) return '';
      const token = tokens[place] ?? 'null';
      const type = columns[place]?.type ?? 'string';
      if (type === 'string' || type === 'dynamic') return token === 'null' ? '' : String(JSON.parse(token));
      const cell = CELL_FORMATS[type](token);
      if (cell === 'null') return '';
      return cell.startsWith('"') ? String(JSON.parse(cell)) : cell;
    },
  });
}

/** A row of texts by column, as tests and lookups have them. */
export function rowOf(texts: Readonly<Record<string, string>>): EventRow {
  return { text: (column) => (Object.hasOwn(texts, column) ? (texts[column] ?? '') : '') };
}
