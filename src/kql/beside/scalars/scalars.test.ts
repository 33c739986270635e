import { describe, expect, it } from 'vitest';
import { printExact } from '../../../model/exact-json.ts';
import type { Cell } from '../contract.ts';
import { ProgramFault } from '../contract.ts';
import { SCALARS } from './index.ts';

function run(name: string, ...args: readonly Cell[]): Cell {
  const program = SCALARS[name];
  if (!program) throw new Error(`no program ${name}`);
  return program.compute(args, []);
}

function numbers(cell: Cell): readonly (readonly number[])[] {
  return JSON.parse(printExact(cell)) as number[][];
}

describe('scalar functions beside the engine', () => {
  it('writes and reads Punycode', () => {
    expect(run('punycode_from_string', 'académie-française')).toBe('acadmie-franaise-npb1a');
    expect(run('punycode_to_string', 'acadmie-franaise-npb1a')).toBe('académie-française');
    expect(run('punycode_domain_to_string', 'Riðill｡Skáldskaparmál｡org')).toBe(
      'xn--Riill-jta.xn--Skldskaparml-dbbj.org',
    );
    expect(run('punycode_domain_from_string', 'xn--Ge-mia.Bulg.edu')).toBe('Gáe.Bulg.edu');
    expect(run('punycode_to_string', 'not punycode ünïcode')).toBe('');
    expect(run('punycode_to_string', '99999999999999999999')).toBe('');
  });

  it('compresses as the service does, and answers nothing for what is broken', () => {
    expect(run('zlib_compress_to_base64_string', '1234567890qwertyuiop')).toBe(
      'eAEBFADr/zEyMzQ1Njc4OTBxd2VydHl1aW9wOAkGdw==',
    );
    for (const kind of ['gzip', 'zlib']) {
      const text = 'ä'.repeat(1000);
      const packed = run(`${kind}_compress_to_base64_string`, text);
      expect(String(packed).length).toBeLessThan(100);
      expect(run(`${kind}_decompress_from_base64_string`, packed)).toBe(text);
      expect(run(`${kind}_decompress_from_base64_string`, 'x0x0x0')).toBe('');
    }
  });

  it('lists the networks of a range', () => {
    expect(run('ipv4_range_to_cidr_list', '1.1.128.0', '1.1.140.255')).toEqual([
      '1.1.128.0/21',
      '1.1.136.0/22',
      '1.1.140.0/24',
    ]);
    expect(run('ipv4_range_to_cidr_list', '0.0.0.0', '255.255.255.255')).toEqual(['0.0.0.0/0']);
    expect(run('ipv4_range_to_cidr_list', '2.0.0.0', '1.0.0.0')).toBeNull();
  });

  for (const size of [8, 15, 1]) {
    it(`transforms a series of ${size} and back`, () => {
      const series = Array.from({ length: size }, (_, at) => Math.sin(at) + at);
      const [re, im] = numbers(run('series_fft', series));
      const sum = series.reduce((total, value) => total + value, 0);
      expect(re?.[0]).toBeCloseTo(sum, 9);
      const direct = series.reduce(
        (total, value, at) => total + value * Math.cos((2 * Math.PI * at) / size),
        0,
      );
      expect(re?.[1 % size]).toBeCloseTo(direct, 9);
      const [back] = numbers(run('series_ifft', [...(re ?? [])], [...(im ?? [])]));
      back?.forEach((value, at) => {
        expect(value).toBeCloseTo(series[at] ?? 0, 9);
      });
    });
  }

  it('finds a polynomial and the break between two lines', () => {
    const x = Array.from({ length: 20 }, (_, at) => at / 4 - 2);
    const y = x.map((value) => 3 * value ** 3 - value + 5);
    const [rsquare, coefficients] = JSON.parse(printExact(run('series_fit_poly', y, x, 3n))) as [
      number,
      number[],
    ];
    expect(rsquare).toBeCloseTo(1, 9);
    [3, 0, -1, 5].forEach((value, at) => {
      expect(coefficients[at]).toBeCloseTo(value, 8);
    });
    const broken = [0, 1, 2, 3, 10, 8, 6, 4];
    expect(JSON.parse(printExact(run('series_fit_2lines_dynamic', broken)))).toMatchObject({
      rsquare: 1,
      split_idx: 4,
      left: { slope: 1 },
      right: { slope: -2 },
    });
  });

  it('reads user agents', () => {
    const agent = 'Mozilla/5.0 (Windows; U; en-US) AppleWebKit/531.9 (KHTML, like Gecko) AdobeAIR/2.5.1';
    expect(run('parse_user_agent', agent, 'browser')).toEqual({
      Browser: { Family: 'AdobeAIR', MajorVersion: '2', MinorVersion: '5', Patch: '1' },
    });
    const phone =
      'Mozilla/5.0 (SymbianOS/9.2; U; Series60/3.1 NokiaN81-3/10.0.032 Profile/MIDP-2.0 Configuration/CLDC-1.1 ) AppleWebKit/413 (KHTML, like Gecko) Safari/4';
    expect(run('parse_user_agent', phone, ['browser', 'os', 'device'])).toMatchObject({
      Browser: { Family: 'Nokia OSS Browser', MajorVersion: '3', MinorVersion: '1', Patch: '' },
      OperatingSystem: {
        Family: 'Symbian OS',
        MajorVersion: '9',
        MinorVersion: '2',
        Patch: '',
        PatchMinor: '',
      },
      Device: { Brand: 'Nokia' },
    });
    expect(run('parse_user_agent', agent, 'planet')).toBeNull();
  });

  it('fails a query whose assertion does not hold', () => {
    expect(run('assert', true, 'no')).toBe(true);
    expect(() => run('assert', false, 'no')).toThrow(ProgramFault);
  });

  it('makes the schema of values', () => {
    expect(run('schema_of_values', [{ x: 1, y: 3.5 }, { x: 'a', z: [1, 2] }, { z: ['b'] }])).toEqual({
      x: ['long', 'string'],
      y: 'double',
      z: { '`indexer`': ['long', 'string'] },
    });
  });
});
