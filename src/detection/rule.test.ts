import { describe, expect, it } from 'vitest';
import { renderTemplate } from './rule.ts';
import { checkColumns } from './rule-columns.ts';
import { parseRule, printRule } from './rule-form.ts';

const TEXT = `
name: encoded-powershell
description: Hides what it runs
severity: medium
category: Execution
techniques: [T1059.001, T1027]
frequency: 2h
title: 'Encoded command on {{DeviceName}}'
query: |
  DeviceProcessEvents
  | where ProcessCommandLine has "-enc"
entities:
  device: DeviceId
  user: AccountSid
suppression: { for: 6h, by: [device] }
`;

function read(text: string) {
  const outcome = parseRule(text);
  if (!outcome.ok) throw new Error(JSON.stringify(outcome.faults));
  return outcome.rule;
}

function codes(text: string): string[] {
  const outcome = parseRule(text);
  return outcome.ok ? [] : outcome.faults.map(({ code, member }) => `${code} ${member}`);
}

describe('the YAML form of a rule', () => {
  it('is read with its defaults and printed back to the same rule', () => {
    const rule = read(TEXT);
    expect(rule.severity).toBe('Medium');
    expect(rule.schedule).toEqual({ kind: 'every', everyMs: 7_200_000, lookbackMs: 28_800_000 });
    expect(rule.displayName).toBe('encoded-powershell');
    expect(rule.suppression).toEqual({ forMs: 21_600_000, by: ['device'] });
    expect(read(printRule(rule))).toEqual(rule);
  });

  it.each([
    ['continuous', { kind: 'continuous' }],
    ['1h', { kind: 'every', everyMs: 3_600_000, lookbackMs: 14_400_000 }],
    ['3h', { kind: 'every', everyMs: 10_800_000, lookbackMs: 43_200_000 }],
    ['12h', { kind: 'every', everyMs: 43_200_000, lookbackMs: 172_800_000 }],
    ['24h', { kind: 'every', everyMs: 86_400_000, lookbackMs: 2_592_000_000 }],
    ['2d', { kind: 'every', everyMs: 172_800_000, lookbackMs: 2_592_000_000 }],
  ])('frequency %s has the documented look-back', (frequency, schedule) => {
    expect(read(TEXT.replace('frequency: 2h', `frequency: ${frequency}`)).schedule).toEqual(schedule);
  });

  it('tells every fault at once', () => {
    expect(codes('name: X Y\nseverity: Huge\nfrequency: 1s\nentities: {planet: Mars}\nfoo: 1')).toEqual([
      'WrongValue name',
      'MissingMember title',
      'MissingMember query',
      'WrongValue frequency',
      'WrongValue severity',
      'MissingMember category',
      'UnknownMember entities.planet',
      'UnknownMember foo',
    ]);
    expect(codes('- a\n- b')[0]).toBe('WrongType ');
    expect(codes('a: [')).toEqual(['NotYaml ']);
    expect(codes(TEXT.replace('{{DeviceName}}', '{{A}} {{B}} {{C}} {{D}}'))).toEqual(['WrongValue title']);
    expect(codes(TEXT.replace('2h', '2h\nlookback: 1h'))).toEqual(['WrongValue lookback']);
  });
});

describe('the columns that a rule needs', () => {
  const rule = read(TEXT);
  const column = (name: string) => ({
    name,
    type: name === 'Timestamp' ? ('datetime' as const) : ('string' as const),
  });

  it('are all there', () => {
    const names = ['Timestamp', 'DeviceId', 'ReportId', 'DeviceName', 'AccountSid'];
    expect(checkColumns(rule, names.map(column))).toEqual([]);
  });

  it('are missed by name', () => {
    const faults = checkColumns(rule, ['DeviceName', 'count_'].map(column));
    expect(faults.map(({ code, member }) => `${code} ${member}`)).toEqual([
      'MissingColumn query',
      'MissingColumn query',
      'UnknownColumn entities.device',
      'UnknownColumn entities.user',
    ]);
  });
});

it('renders a title from a row', () => {
  expect(renderTemplate('{{A}} on {{ B }}{{', (column) => column.toLowerCase())).toBe('a on b{{');
});
