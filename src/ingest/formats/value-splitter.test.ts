import { describe, expect, it } from 'vitest';
import { ValueSplitter } from './value-splitter.ts';

interface Seen {
  values: unknown[];
  lines: number[];
  faults: string[];
}

function split(input: string | Buffer, sizes: () => number = () => 1 << 20, maxValueBytes = 1 << 20): Seen {
  const bytes = typeof input === 'string' ? Buffer.from(input) : input;
  const seen: Seen = { values: [], lines: [], faults: [] };
  const splitter = new ValueSplitter(
    {
      value(value, text, line) {
        expect(JSON.parse(text)).toEqual(value);
        seen.values.push(value);
        seen.lines.push(line);
      },
      fault(fault, _bytes, line) {
        seen.faults.push(`${line}: ${fault}`);
      },
    },
    maxValueBytes,
  );
  for (let at = 0; at < bytes.length; ) {
    const size = Math.max(1, sizes());
    // The memory is overwritten afterwards, as a reader's pool does.
    const chunk = Buffer.from(bytes.subarray(at, at + size));
    splitter.push(chunk);
    chunk.fill(0);
    at += size;
  }
  splitter.end();
  return seen;
}

function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

function randomValue(next: () => number, depth: number): unknown {
  const texts = ['', 'a"b', '\\', 'line\nend', '{', '}]', 'ä', '漢字😀', '\\"', '"records":['];
  const kind = Math.floor(next() * (depth > 3 ? 3 : 5));
  if (kind === 0) return texts[Math.floor(next() * texts.length)];
  if (kind === 1) return Math.floor(next() * 1e6) / 100;
  if (kind === 2) return next() < 0.5 ? null : next() < 0.5;
  const items = Array.from({ length: Math.floor(next() * 4) }, () => randomValue(next, depth + 1));
  if (kind === 3) return items;
  return Object.fromEntries(items.map((item, i) => [`k${i}${texts[i] ?? ''}`, item]));
}

function randomObject(next: () => number): Record<string, unknown> {
  return { id: Math.floor(next() * 1e9), a: randomValue(next, 0), b: randomValue(next, 0) };
}

describe('ValueSplitter', () => {
  it('finds the same values whatever the chunks', () => {
    for (let seed = 1; seed <= 150; seed++) {
      const next = random(seed);
      const values = Array.from({ length: 1 + Math.floor(next() * 12) }, () => randomObject(next));
      const indent = next() < 0.5 ? 0 : 2;
      const eol = next() < 0.5 ? '\n' : '\r\n';
      const texts = values.map((value) => JSON.stringify(value, null, indent).replaceAll('\n', eol));
      const inputs = [
        texts.join(eol) + eol,
        texts.join(eol),
        texts.join(''),
        `[${texts.join(',')}]`,
        `[${eol}${texts.join(`,${eol}`)}${eol}]${eol}`,
        `{"records":[${texts.join(',')}]}`,
        `{ "records" : [${eol}${texts.join(`,${eol}`)}${eol}], "x": 1 }${eol}`,
      ];
      for (const input of inputs) {
        const seen = split(input, () => Math.floor(next() * (seed % 3 === 0 ? 5 : 200)));
        // A wrapper that fits on one line is handed over whole: who reads records looks inside.
        const flat = seen.values.flatMap((value) => (value as { records?: unknown[] }).records ?? [value]);
        expect(flat).toEqual(values);
        expect(seen.faults).toEqual([]);
      }
    }
  });

  it('counts lines', () => {
    expect(split('{"a":1}\n\n{"a":2}\r\n{\n"a":3\n}\n{"a":4}', () => 3).lines).toEqual([1, 3, 4, 7]);
    expect(split('[\n{"a":1},\n{"a":2},\n\n{"a":\n3}]').lines).toEqual([2, 3, 5]);
  });

  it('reports a wrong line and goes on with the next', () => {
    const seen = split('{"a":1}\n{"a":\n{"a":2}\nhello\n{"a":"x\n{"a":3}\n{"a":1}}\n{"a":4}\n');
    expect(seen.values).toEqual([{ a: 1 }, { a: 2 }, { a: 3 }, { a: 1 }, { a: 4 }]);
    expect(seen.faults).toEqual([
      '2: malformed JSON',
      '4: malformed JSON',
      '5: malformed JSON',
      '7: malformed JSON',
    ]);
  });

  it('reports a wrong element and goes on', () => {
    const seen = split('[{"a":1},{bad},7,{"a":2}]');
    expect(seen.values).toEqual([{ a: 1 }, 7, { a: 2 }]);
    expect(seen.faults).toEqual(['1: malformed JSON']);
  });

  it('finds the good lines behind a first line that was cut off', () => {
    const seen = split('{"a": {"b": "x"\n{"a":1}\n{"a":2}\n', () => 4);
    expect(seen.values).toEqual([{ a: 1 }, { a: 2 }]);
    expect(seen.faults).toEqual(['1: malformed JSON']);
  });

  it('reports what was cut off at the end', () => {
    expect(split('{"a":1}\n{"a":').faults).toEqual(['2: truncated JSON']);
    expect(split('[{"a":1},{"a"').faults).toEqual(['1: truncated JSON']);
  });

  it('refuses bytes that are not UTF-8', () => {
    const bad = Buffer.concat([
      Buffer.from('{"a":"'),
      Buffer.from([0xff, 0xfe]),
      Buffer.from('"}\n{"a":1}\n'),
    ]);
    for (const size of [1, 3, 100]) {
      const seen = split(bad, () => size);
      expect(seen.faults).toEqual(['1: invalid UTF-8']);
      expect(seen.values).toEqual([{ a: 1 }]);
    }
  });

  it('puts a value over the limit aside without holding it', () => {
    const seen = split(`{"a":"${'x'.repeat(50_000)}"}\n{"a":1}\n`, () => 700, 10_000);
    expect(seen.faults).toEqual(['1: value too large']);
    expect(seen.values).toEqual([{ a: 1 }]);
  });

  it('stays linear on hostile nesting', () => {
    const hostile = '{"a":\n'.repeat(100_000);
    const start = performance.now();
    expect(split(hostile).faults.length).toBeGreaterThan(0);
    split('['.repeat(500_000));
    split(`{"a":\n{"b":1}\n{`.repeat(50_000));
    expect(performance.now() - start).toBeLessThan(8_000);
  });
});
