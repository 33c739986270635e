import { expect, test } from 'vitest';
import { useRows } from './rows.ts';

const rows = useRows();

const ADDRESSES = [
  '10.1.2.3',
  '10.200.0.1/8',
  '10.1.2.3/0',
  '192.168.1.255',
  '0.0.0.0',
  '255.255.255.255',
  '1.2.3.4/33',
  '1.2.3.256',
  '::1',
  '::ffff:10.1.2.3',
  '',
  'x/8',
];
const NETWORKS = [
  '10.0.0.0/8',
  '192.168.1.7/24',
  '0.0.0.0/0',
  '10.1.2.3',
  '255.255.255.255/32',
  '10.1.2.3/33',
];
const LENGTHS = ['', ', 16', ', 0', ', 32', ', 33'];
const TABLE = `datatable(a:string)[${ADDRESSES.map((address) => `"${address}"`).join()}]`;

/** A network that is a constant is worked out when the query is compiled, one in a column by the engine. */
test.each(['ipv4_is_match', 'ipv4_compare', 'ipv4_is_in_range'])(
  '%s is the same for constants and columns',
  async (name) => {
    const lengths = name === 'ipv4_is_in_range' ? [''] : LENGTHS;
    const columns = NETWORKS.flatMap((network, i) =>
      lengths.map((length, j) => {
        const both = [`${name}(a, "${network}"${length})`, `${name}(a, n${i}${length})`].map(
          (call) => `coalesce(tostring(${call}), "null")`,
        );
        return `r${i}_${j} = iff(${both.join(' == ')}, "", strcat(a, " ${network}${length} ", ${both[0]}, " ", ${both[1]}))`;
      }),
    );
    const networks = NETWORKS.map((network, i) => `n${i} = strcat("${network}", substring(a, 100))`);
    const query = `${TABLE} | extend ${networks.join()} | project ${columns.join()}`;
    const empty = JSON.stringify(columns.map(() => ''));
    expect(await rows(query)).toEqual(ADDRESSES.map(() => empty));
  },
);

test('an address is looked for in constant networks', async () => {
  const list = 'dynamic(["10.0.0.0/8", "192.168.1.7/24"])';
  expect(
    await rows(
      `${TABLE} | project r = ipv4_is_in_any_range(a, ${list}) | summarize c = count() by tostring(r) | sort by r asc`,
    ),
  ).toEqual(['["",6]', '["False",2]', '["True",4]']);
  const inside = await rows(`${TABLE} | where ipv4_is_in_any_range(a, "10.0.0.0/8", "192.168.1.0/24")`);
  expect(inside).toEqual(['["10.1.2.3"]', '["10.200.0.1/8"]', '["10.1.2.3/0"]', '["192.168.1.255"]']);
});
