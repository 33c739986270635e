import { expect, test } from 'vitest';
import { useRows } from './rows.ts';

const rows = useRows();

const TEXTS = ['', 'a', 'a.b', '.a', 'a..', 'é"\\.[1]', '["x"].y', '{}', 'null.null'];
const TABLE = `datatable(s: string)[${TEXTS.map((each) => JSON.stringify(each)).join(', ')}]`;

test.each(['.', '..', '', 'é'])('parts of a text split at %j', async (delimiter) => {
  const list = `split(s, ${JSON.stringify(delimiter)})`;
  for (const place of [0, 1, 2, -1, -2, -9]) {
    // Behind `parse_json` the array is read as any other.
    const read = `parse_json(tostring(${list}))[${place}]`;
    const direct = `${TABLE} | extend parts = ${list} | project a = tostring(parts[${place}]), b = strcat(${list}[${place}], "!"), c = parts[${place}], d = toint(parts[${place}])`;
    const reread = `${TABLE} | project a = tostring(${read}), b = strcat(${read}, "!"), c = ${read}, d = toint(${read})`;
    expect(await rows(direct), `${place}`).toEqual(await rows(reread));
  }
});

test('the parts themselves', async () => {
  expect(await rows(`${TABLE} | project tostring(split(s, ".")[0]), tostring(split(s, ".")[-1])`)).toEqual([
    '["",""]',
    '["a","a"]',
    '["a","b"]',
    '["","a"]',
    '["a",""]',
    String.raw`["é\"\\","[1]"]`,
    String.raw`["[\"x\"]","y"]`,
    '["{}","{}"]',
    '["null","null"]',
  ]);
});
