import { describe, expect, it } from 'vitest';
import type { KqlType } from '../../../model/kql-type.ts';
import { type Budget, type Cell, type Json, ProgramFault, type Table } from '../contract.ts';
import { PROGRAMS } from './index.ts';

const budget: Budget = { check: () => undefined, maxRows: 1000 };

function table(types: readonly KqlType[], rows: readonly (readonly Cell[])[]): Table {
  return { columns: types.map((type, i) => ({ name: `c${i}`, type, description: '' })), rows };
}

function run(
  name: string,
  inputs: readonly Table[],
  options: Json,
  within = budget,
): readonly (readonly Cell[])[] {
  const program = PROGRAMS[name];
  if (!program) throw new Error(`no program ${name}`);
  return program.run(inputs, options, within);
}

const one = (...cells: Cell[]): Table =>
  table(
    cells.map(() => 'long'),
    [cells],
  );

describe('programs over a time axis', () => {
  // Bin, id, rows: from the example of the activity-counts-metrics page, days counted from 2017-08-01.
  const days = table(
    ['long', 'string', 'long'],
    [
      [0n, 'A', 1n],
      [0n, 'D', 1n],
      [0n, 'J', 1n],
      [0n, 'B', 1n],
      [1n, 'C', 1n],
      [1n, 'T', 1n],
      [1n, 'J', 1n],
      [2n, 'H', 1n],
      [2n, 'T', 2n],
      [2n, 'J', 1n],
      [2n, 'B', 1n],
      [2n, 'S', 1n],
      [3n, 'S', 1n],
    ],
  );

  it('counts rows, ids, new ids and all ids so far', () => {
    expect(run('activity_counts_metrics', [one(1n), days], { dimensions: 0 })).toEqual([
      [0n, 4n, 4n, 4n, 4n],
      [1n, 3n, 3n, 2n, 6n],
      [2n, 6n, 5n, 2n, 8n],
      [3n, 1n, 1n, 0n, 8n],
    ]);
  });

  it('compares the ids of a bin with those of the one before', () => {
    expect(run('activity_metrics', [one(1n), days], { dimensions: 0 })).toEqual([
      [0n, 4n, 4n, Number.NaN, Number.NaN],
      [1n, 3n, 2n, 0.25, 0.75],
      [2n, 5n, 2n, 2 / 3, 1 - 2 / 3],
      [3n, 1n, 0n, 0.2, 0.8],
    ]);
  });

  it('sets the ids of a bin against those of the longer window', () => {
    const rows = run('activity_engagement', [one(1n, 2n), days], { dimensions: 0 });
    expect(rows).toEqual([
      [0n, 4n, 4n, 1],
      [1n, 3n, 6n, 0.5],
      [2n, 5n, 6n, 5 / 6],
      [3n, 1n, 5n, 0.2],
    ]);
  });

  it('counts an id once in a window, however often it comes', () => {
    const rows = run('sliding_window_counts', [one(0n, 4n, 3n, 1n), days], { dimensions: 0 });
    expect(rows).toEqual([
      [0n, 4n, 4n],
      [1n, 7n, 6n],
      [2n, 13n, 8n],
      [3n, 10n, 6n],
      [4n, 7n, 5n],
    ]);
  });

  it('keeps dimensions apart', () => {
    const rows = table(
      ['string', 'long', 'string', 'long'],
      [
        ['x', 0n, 'A', 1n],
        ['y', 0n, 'A', 2n],
      ],
    );
    expect(run('activity_counts_metrics', [one(1n), rows], { dimensions: 1 })).toEqual([
      [0n, 'x', 1n, 1n, 1n, 1n],
      [0n, 'y', 2n, 1n, 1n, 1n],
    ]);
  });

  it('follows the ids that are new in a bin', () => {
    // The example of the new-activity-metrics page.
    const users = [
      [0, 2, 3, 4],
      [0, 1, 3, 4, 5],
      [0, 2, 4, 5],
      [0, 1, 2, 3],
      [0, 1, 2, 3, 4],
    ];
    const data = table(
      ['long', 'long'],
      users.flatMap((ids, day) => ids.map((id) => [BigInt(day), BigInt(id)])),
    );
    const rows = run('new_activity_metrics', [one(0n, 5n, 1n, null), data], { dimensions: 0 });
    expect(rows.slice(0, 11).map((row) => row.slice(0, 5))).toEqual([
      [0n, 0n, 4n, 4n, 0n],
      [0n, 1n, 2n, 3n, 1n],
      [0n, 2n, 1n, 3n, 1n],
      [0n, 3n, 1n, 3n, 1n],
      [0n, 4n, 1n, 4n, 0n],
      [0n, 5n, 0n, 0n, 4n],
      [1n, 1n, 2n, 2n, 0n],
      [1n, 2n, 0n, 1n, 1n],
      [1n, 3n, 0n, 1n, 1n],
      [1n, 4n, 0n, 1n, 1n],
      [1n, 5n, 0n, 0n, 2n],
    ]);
    const known = table(['long'], [[0n], [2n]]);
    expect(run('new_activity_metrics', [one(0n, 0n, 1n, 0n), data, known], { dimensions: 0 })).toEqual([
      [0n, 0n, 2n, 2n, 0n, 1, 0],
    ]);
  });

  it('begins a session where the gap is as long as the look-back', () => {
    const data = table(
      ['string', 'long'],
      [
        ['a', 10n],
        ['a', 50n],
        ['a', 91n],
        ['b', 120n],
      ],
    );
    expect(run('session_count', [one(100n, 41n), data], { dimensions: 0 })).toEqual([
      [0n, 2n],
      [100n, 1n],
    ]);
  });

  it('takes the smallest value that half of the window does not exceed', () => {
    const data = table(
      ['long', 'long', 'long'],
      [
        [0n, 1n, 1n],
        [0n, 3n, 1n],
        [1n, 9n, 3n],
        [5n, 7n, 1n],
      ],
    );
    expect(run('rolling_percentile', [one(50, 1n, 2n), data], { dimensions: 0 })).toEqual([
      [0n, 1n],
      [1n, 9n],
      [5n, 7n],
    ]);
  });

  it('refuses more bins than rows may come out', () => {
    expect(() => run('sliding_window_counts', [one(0n, 5000n, 1n, 1n), days], { dimensions: 0 })).toThrow(
      ProgramFault,
    );
  });
});

describe('programs over sequences', () => {
  const events = table(
    ['string', 'long', 'string'],
    [
      ['e1', 0n, 'Hail'],
      ['e1', 2n, 'Tornado'],
      ['e1', 9n, 'Wind'],
      ['e2', 1n, 'Hail'],
      ['e2', 30n, 'Tornado'],
    ],
  );

  it('counts how far ids come within each period', () => {
    const inputs = [one(0n, 100n, ['Hail', 'Tornado', 'Wind']), table(['long'], [[5n], [50n]]), events];
    expect(run('funnel_sequence_completion', inputs, {})).toEqual([
      [0n, 'Hail', 5n, 2n],
      [0n, 'Tornado', 5n, 1n],
      [0n, 'Wind', 5n, 0n],
      [0n, 'Hail', 50n, 2n],
      [0n, 'Tornado', 50n, 2n],
      [0n, 'Wind', 50n, 1n],
    ]);
  });

  it('tells what stands before and after a sequence', () => {
    expect(run('funnel_sequence', [one(0n, 10n, 100n, ['Tornado']), events], {})).toEqual([
      [0n, 'Hail', 'Wind', 1n, ['e1']],
      [0n, '', '', 1n, ['e2']],
    ]);
  });

  it('finds every chain of predicates within its times', () => {
    const rows = table(
      ['string', 'long', 'bool', 'bool'],
      [
        ['CA', 0n, true, false],
        ['CA', 3n, false, true],
        ['CA', 5n, false, true],
        ['CA', 20n, false, true],
        ['TX', 1n, false, true],
      ],
    );
    expect(run('sequence_detect', [one(10n, 10n), rows], { dimensions: 1, steps: 2 })).toEqual([
      ['CA', 0n, 3n, 3n],
      ['CA', 0n, 5n, 5n],
    ]);
  });
});

describe('programs over combinations of values', () => {
  const rows = table(
    ['string', 'string', 'long'],
    [
      ['Hail', 'NO', 60n],
      ['Wind', 'YES', 25n],
      ['Flood', 'NO', 15n],
    ],
  );
  const wildcards = table(['string', 'string'], [['', '*']]);

  it('lists the frequent ones, each set of rows once', () => {
    expect(run('basket', [rows, wildcards], { threshold: 0.2, maxDimensions: 5 })).toEqual([
      [0n, 75n, 75, '', 'NO'],
      [1n, 60n, 60, 'Hail', 'NO'],
      [2n, 25n, 25, 'Wind', 'YES'],
    ]);
  });

  it('clusters by what says most', () => {
    expect(
      run('autocluster', [rows, wildcards], { sizeWeight: 0.5, seeds: 25 }).map((row) => row.slice(1)),
    ).toEqual([
      [60n, 60, 'Hail', 'NO'],
      [25n, 25, 'Wind', 'YES'],
      [15n, 15, 'Flood', 'NO'],
    ]);
  });

  it('tells two sets apart', () => {
    const sets = table(
      ['bool', 'string', 'string', 'long'],
      [
        [true, 'Hail', 'x', 90n],
        [true, 'Wind', 'y', 10n],
        [false, 'Hail', 'x', 20n],
        [false, 'Wind', 'x', 80n],
      ],
    );
    const found = run('diffpatterns', [sets, wildcards], { threshold: 0.05, maxDimensions: 5 });
    expect(found[0]).toEqual([0n, 0n, 80n, 0, 80, 80, 'Wind', 'x']);
    expect(found[1]).toEqual([1n, 90n, 20n, 90, 20, 70, 'Hail', 'x']);
  });
});

describe('reduce', () => {
  const texts = table(
    ['string', 'long'],
    Array.from({ length: 10 }, (_, i) => [`fooZ${i + 1}`, 1n]),
  );

  it('sees one word where nothing separates', () => {
    const rows = run('reduce', [texts], { threshold: 0.1, characters: '', perText: false });
    expect(rows).toEqual([['others', 10n, '']]);
  });

  it('splits at the given characters', () => {
    const rows = run('reduce', [texts], { threshold: 0.1, characters: 'Z', perText: false });
    expect(rows).toEqual([['foo*', 10n, 'fooZ1']]);
  });

  it('keeps the blanks before a wildcard, and gives each text its pattern', () => {
    const places = table(
      ['string', 'long'],
      [
        ['San Bernard', 3n],
        ['San Jose', 4n],
        ['Moscow', 6n],
        ['Rome', 1n],
      ],
    );
    expect(run('reduce', [places], { threshold: 0.35, characters: '', perText: true })).toEqual([
      ['San Bernard', 'San *', 7n, 'San Bernard'],
      ['San Jose', 'San *', 7n, 'San Bernard'],
      ['Moscow', 'Moscow', 6n, 'Moscow'],
      ['Rome', 'others', 1n, ''],
    ]);
  });
});
