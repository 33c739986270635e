import { describe, expect, test } from 'vitest';
import { useRows } from './rows.ts';

/** JSON texts, in which a place is written in all the ways that JSON knows. */
const VALUES = [
  '"Remote"',
  '"REMOTE host"',
  String.raw`"\u0052emote"`,
  '"a\u2028b8c"',
  '["a\u2028b8c"]',
  String.raw`"a\\b"`,
  '"caf\u00e9"',
  '"CAF\u00c9"',
  '"\u212aelvin"',
  '"12:30"',
  '12.50',
  '1e2',
  'true',
  'null',
  '[1, 2, true, false]',
  '{"Remote": 1, "b" : [true , false]}',
  '""',
];
const TEXTS = [...VALUES.map((value) => `{"Kind":${value}}`), 'Remote', '["Remote"]', ''];
const TABLE = `datatable(j: string)[${TEXTS.map((each) => JSON.stringify(each)).join(', ')}]`;

const NEEDLES = [
  'Remote',
  'remote',
  'remote host',
  'café',
  'kelvin',
  'b8',
  '8b8c',
  'u2028b',
  'a\\b',
  '12:30',
  '12.5',
  '100',
  'e',
  'true',
  'true,false',
  'e": 1',
  ':[t',
  '[true,false]',
  '',
];
const OPERATORS = [
  '==',
  '=~',
  'has',
  'has_cs',
  'contains',
  'contains_cs',
  'startswith',
  'endswith',
  '!has',
  '!~',
];
const LISTS = ['in', 'in~', '!in', 'has_any'];

describe('texts at a place of a JSON text', () => {
  const rows = useRows();

  /** What is no place any more for the compiler has the same text. */
  async function bothWays(condition: string): Promise<readonly (readonly string[])[]> {
    const ask = (kind: string) => rows(`${TABLE} | extend Kind = ${kind} | where ${condition} | project j`);
    return [await ask('tostring(parse_json(j).Kind)'), await ask("strcat(tostring(parse_json(j).Kind), '')")];
  }

  test.each(OPERATORS)('%s', async (operator) => {
    let found = 0;
    for (const needle of NEEDLES) {
      const [placed = [], plain = []] = await bothWays(`Kind ${operator} ${JSON.stringify(needle)}`);
      expect(placed, needle).toEqual(plain);
      found += plain.length;
    }
    expect(found).toBeGreaterThan(0);
  });

  test.each(LISTS)('%s', async (operator) => {
    let found = 0;
    for (const needle of NEEDLES) {
      const [placed = [], plain = []] = await bothWays(
        `Kind ${operator} ("nowhere", ${JSON.stringify(needle)})`,
      );
      expect(placed, needle).toEqual(plain);
      found += plain.length;
    }
    expect(found).toBeGreaterThan(0);
  });
});
