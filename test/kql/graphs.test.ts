import { describe, expect, test } from 'vitest';
import { useRows } from './rows.ts';

const STAFF = `let N = datatable(name:string, age:long) ["Ann", 45, "Bob", 35, "Cy", 38, "Dee", 28, "Eve", 26];
  let E = datatable(who:string, boss:string, since:long)
    ["Bob", "Ann", 1, "Cy", "Ann", 2, "Dee", "Bob", 3, "Eve", "Bob", 4, "Zoe", "Cy", 5];
  let G = E | make-graph who --> boss with N on name;`;
const LINES = `let C = datatable(a:long, b:long, line:string) [1, 2, "red", 2, 3, "red", 1, 3, "blue", 3, 4, "blue"];
  let G = C | make-graph a --> b with_node_id=id;`;

/** Query, and its rows in any order, or the codes of its faults. */
const CASES: Readonly<Record<string, readonly (readonly [query: string, rows: readonly string[]])[]>> = {
  // https://learn.microsoft.com/kusto/query/graph-match-operator
  'graph-match': [
    [
      `${STAFF} G | graph-match (b)<-[r*1..5]-(e) where b.name == "Ann" and e.age < 30 project e.name, map(r, boss)`,
      ['["Dee","[\\"Ann\\",\\"Bob\\"]"]', '["Eve","[\\"Ann\\",\\"Bob\\"]"]'],
    ],
    [
      `${STAFF} G | graph-match (a)-[x]->(b)-[y]->(c) where x.since > y.since + 2 project a.name, y`,
      [
        '["Eve","{\\"who\\":\\"Bob\\",\\"boss\\":\\"Ann\\",\\"since\\":1}"]',
        '["Zoe","{\\"who\\":\\"Cy\\",\\"boss\\":\\"Ann\\",\\"since\\":2}"]',
      ],
    ],
    [
      `${STAFF} G | graph-match (a)-->(b), (b)<--(c) where a.age > c.age project n = strcat(a.name, c.name)`,
      ['["CyBob"]', '["DeeEve"]'],
    ],
    [
      `${STAFF} G | graph-match (a)-[r*2..2]->(c) where any(inner_nodes(r), age == 35) and all(r, since < 4) project a.name`,
      ['["Dee"]'],
    ],
    [
      `${STAFF} G | graph-match (a)-[r*1..2]->(c) where array_length(r) == 2 project a.name, len = array_length(r) | summarize by a_name, len`,
      ['["Dee",2]', '["Eve",2]', '["Zoe",2]'],
    ],
    [
      `${STAFF} G | graph-match (n) where node_degree_in(n) == 2 project n.name, node_degree_out(n), labels(n)`,
      ['["Ann",0,"[]"]', '["Bob",1,"[]"]'],
    ],
    [
      `${STAFF} G | graph-match (n) where n.name == "Zoe" project n, node_id(n)`,
      ['["{\\"name\\":\\"Zoe\\",\\"age\\":null}","Zoe"]'],
    ],
    [
      `${LINES} G | graph-match (a)-[e*2..3]->(b) project a.id, b.id, map(inner_nodes(e), id), map(e, line)`,
      [
        '[1,3,"[2]","[\\"red\\",\\"red\\"]"]',
        '[1,4,"[2,3]","[\\"red\\",\\"red\\",\\"blue\\"]"]',
        '[1,4,"[3]","[\\"blue\\",\\"blue\\"]"]',
        '[2,4,"[3]","[\\"red\\",\\"blue\\"]"]',
      ],
    ],
    [
      `${LINES} G | graph-match cycles=none (a)-[e*1..4]->(b) where a.id == 1 project b.id`,
      ['[2]', '[3]', '[3]', '[4]', '[4]'],
    ],
    [`${LINES} G | graph-match (a)-[e*1..4]-(a) where a.id == 1 project a.id | count`, ['[2]']],
    [`${LINES} G | graph-match (a)-[e*1..]->(b) project a.id`, ['KS006']],
    [`${LINES} C | graph-match (a)-->(b) project a.id`, ['SPOOR002']],
  ],
  // https://learn.microsoft.com/kusto/query/graph-shortest-paths-operator
  'graph-shortest-paths': [
    [
      `${LINES} G | graph-shortest-paths (a)-[e*1..5]->(b) where a.id == 1 and b.id == 4 project p = map(e, line)`,
      ['["[\\"blue\\",\\"blue\\"]"]'],
    ],
    [
      `${LINES} G | graph-shortest-paths (a)-[e*1..5]->(b) where a.id == 1 and b.id == 4 and all(e, b != 3 or a == 2) project p = map(e, line)`,
      ['["[\\"red\\",\\"red\\",\\"blue\\"]"]'],
    ],
    [
      `${LINES} G | graph-shortest-paths (a)-[e*1..5]->(b) where any(e, line == "red") project a.id`,
      ['SPOOR001'],
    ],
  ],
  // https://learn.microsoft.com/kusto/query/graph-mark-components-operator
  'graph-mark-components': [
    [
      'datatable(a:string, b:string) ["x", "y", "p", "q", "q", "p"] | make-graph a --> b with_node_id=id | graph-mark-components with_component_id=c | graph-to-table nodes | where c == 1 | project id',
      ['["p"]', '["q"]'],
    ],
    [
      'datatable(a:string, b:string) ["x", "y", "p", "q", "q", "p"] | make-graph a --> b with_node_id=id | graph-mark-components kind=strong | graph-to-table nodes | summarize dcount(ComponentId)',
      ['[3]'],
    ],
  ],
  // https://learn.microsoft.com/kusto/query/graph-to-table-operator
  'graph-to-table': [
    [`${STAFF} G | graph-to-table nodes | where isnull(age)`, ['["Zoe",null]']],
    [
      `${STAFF} G | graph-to-table nodes as X, edges as Y with_source_id=s; Y | where who == "Zoe" | project s == hash("Zoe")`,
      ['[true]'],
    ],
    [
      `${STAFF} G | graph-to-table nodes as X with_node_id=h, edges as Y; X | join kind=inner Y on $left.name == $right.who | count`,
      ['[5]'],
    ],
  ],
  // https://learn.microsoft.com/kusto/query/make-graph-operator
  'make-graph partitioned-by': [
    [
      'let E = datatable(a:string, b:string, t:string) ["x", "y", "one", "y", "z", "two"]; E | make-graph a --> b with_node_id=id partitioned-by t (graph-match (p)-[e*1..2]->(q) project e.t, node_id(p))',
      ['["[\\"one\\"]","x"]', '["[\\"two\\"]","y"]'],
    ],
  ],
};

const rowsOf = useRows();

for (const [name, cases] of Object.entries(CASES)) {
  describe(name, () => {
    test.each(cases)('%s', async (query, expected) => {
      expect([...(await rowsOf(query))].sort()).toEqual(expected);
    });
  });
}
