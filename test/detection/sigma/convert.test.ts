import { describe, expect, it } from 'vitest';
import { loadCatalog } from '../../../src/catalog/load.ts';
import { convertRules } from '../../../src/detection/conversion.ts';
import { compile } from '../../../src/kql/index.ts';

const catalog = loadCatalog();

function compiles(query: string): boolean {
  const options = {
    nowTicks: 0n,
    database: 't',
    existing: new Set(catalog.tables.keys()),
  };
  return compile(query, catalog, options).ok;
}

function sigma(detection: string, logsource = 'category: process_creation'): string {
  return `title: T\nlogsource:\n  product: windows\n  ${logsource}\ndetection:\n${detection}`;
}

function query(detection: string, logsource?: string): string {
  const [conversion] = convertRules('sigma', sigma(detection, logsource));
  if (conversion?.ok !== true) throw new Error(JSON.stringify(conversion));
  expect(compiles(conversion.query), conversion.query).toBe(true);
  return conversion.query.split('\n').slice(2).join('\n');
}

function construct(text: string): string | undefined {
  const [conversion] = convertRules('sigma', text);
  return conversion?.ok === false ? conversion.construct : undefined;
}

describe('Sigma', () => {
  it('turns places, wildcards and lists into the shortest KQL', () => {
    expect(query('  s:\n    CommandLine|contains: a\n  condition: s')).toBe(
      '| where ProcessCommandLine contains "a"',
    );
    expect(query("  s:\n    Image|endswith: '\\cmd.exe'\n  condition: s")).toBe(
      '| where FolderPath endswith @"\\cmd.exe"',
    );
    expect(query("  s:\n    CommandLine: 'a*'\n  condition: s")).toBe(
      '| where ProcessCommandLine startswith "a"',
    );
    expect(query("  s:\n    CommandLine: ['a', 'b']\n  condition: s")).toBe(
      '| where ProcessCommandLine in~ ("a", "b")',
    );
    expect(query("  s:\n    CommandLine: 'a*b?c'\n  condition: s")).toBe(
      '| where ProcessCommandLine matches regex "(?si)^a.*b.c$"',
    );
    expect(query("  s:\n    CommandLine: 'a\\*b'\n  condition: s")).toBe(
      '| where ProcessCommandLine =~ "a*b"',
    );
    expect(query("  s:\n    CommandLine: ''\n  condition: s")).toBe('| where isempty(ProcessCommandLine)');
    expect(query('  s:\n    CommandLine: null\n  condition: s')).toBe('| where isempty(ProcessCommandLine)');
    expect(query("  s:\n    CommandLine|contains|all: ['a', 'b']\n  condition: s")).toBe(
      '| where ProcessCommandLine contains "a"\n| where ProcessCommandLine contains "b"',
    );
    expect(query('  s:\n    CommandLine|contains|cased: Ab\n  condition: s')).toBe(
      '| where ProcessCommandLine contains_cs "Ab"',
    );
  });

  it('reads conditions with names, numbers, brackets and precedence', () => {
    const searches =
      '  a1:\n    CommandLine: x\n  a2:\n    CommandLine: y\n  b:\n    CommandLine: z\n  _c:\n    CommandLine: w\n';
    expect(query(`${searches}  condition: 1 of a* and not b`)).toBe(
      '| where (ProcessCommandLine =~ "x" or ProcessCommandLine =~ "y")\n| where not(ProcessCommandLine =~ "z")',
    );
    expect(query(`${searches}  condition: a1 or a2 and b`)).toBe(
      '| where (ProcessCommandLine =~ "x" or (ProcessCommandLine =~ "y" and ProcessCommandLine =~ "z"))',
    );
    expect(query(`${searches}  condition: all of them`)).not.toContain('"w"');
  });

  it('takes every modifier of the specification that has a meaning in a query', () => {
    expect(query("  s:\n    CommandLine|contains|windash: ' -f'\n  condition: s").split(' or ')).toHaveLength(
      5,
    );
    expect(query('  s:\n    CommandLine|base64offset|contains: foobar\n  condition: s')).toContain(
      'Zm9vYmFy',
    );
    expect(query('  s:\n    CommandLine|wide|base64offset|contains: foobar\n  condition: s')).toContain(
      'ZgBvAG8AYgBhAHIA',
    );
    expect(query("  s:\n    CommandLine|re: '\\s-c\\s'\n  condition: s")).toBe(
      '| where ProcessCommandLine matches regex @"\\s-c\\s"',
    );
    expect(query('  s:\n    CommandLine|re|i: abc\n  condition: s')).toContain('"(?i)abc"');
    expect(query('  s:\n    CommandLine|exists: true\n  condition: s')).toBe(
      '| where isnotempty(ProcessCommandLine)',
    );
    expect(query('  s:\n    ProcessId|gte: 4\n  condition: s')).toContain('>= 4');
    expect(query('  s:\n    Image|fieldref: ParentImage\n  condition: s')).toBe(
      '| where FolderPath =~ InitiatingProcessFolderPath',
    );
    expect(
      query("  s:\n    DestinationIp|cidr: '10.0.0.0/8'\n  condition: s", 'category: network_connection'),
    ).toContain('ipv4_is_in_range');
  });

  it('writes values as they are stored', () => {
    const registry = (detection: string) => query(detection, 'category: registry_set');
    expect(registry("  s:\n    TargetObject|startswith: 'HKLM\\Software'\n  condition: s")).toContain(
      'HKEY_LOCAL_MACHINE\\Software',
    );
    expect(registry("  s:\n    Details: 'DWORD (0x00000010)'\n  condition: s")).toBe(
      '| where RegistryValueData =~ "16"',
    );
    expect(registry("  s:\n    Details|startswith: 'DWORD'\n  condition: s")).toBe(
      '| where RegistryValueType =~ "DWORD"',
    );
    expect(registry("  s:\n    Details: 'Binary Data'\n  condition: s")).toBe(
      '| where RegistryValueType =~ "Binary"',
    );
    expect(query("  s:\n    ParentImage: '-'\n  condition: s")).toBe(
      '| where isempty(InitiatingProcessFolderPath)',
    );
    const security = (detection: string) => {
      const [made] = convertRules('sigma', sigma(detection, 'service: security'));
      return made?.ok === true ? made.query : JSON.stringify(made);
    };
    expect(security('  s:\n    EventID: 4624\n    LogonType: 10\n  condition: s')).toBe(
      'DeviceLogonEvents\n| where ActionType == "LogonSuccess"\n| where LogonType =~ "RemoteInteractive"',
    );
    expect(security('  s:\n    EventID: [4720, 4722]\n  condition: s')).toContain('"UserAccountCreated"');
  });

  it('says what it cannot convert', () => {
    expect(construct('x: [')).toBe('yaml');
    expect(construct('title: T')).toBe('logsource');
    expect(construct(sigma('  s:\n    CommandLine: a\n  condition: s and'))).toBe('condition');
    expect(construct(sigma('  s:\n    CommandLine: a\n  condition: s | count() > 3'))).toBe('condition');
    expect(construct(sigma('  s:\n    CommandLine: a\n  condition: t'))).toBe('condition');
    expect(construct(sigma('  s:\n    Nothing: a\n  condition: s'))).toBe('Nothing');
    expect(construct(sigma('  s:\n    CommandLine|expand: a\n  condition: s'))).toBe('expand');
    expect(construct(sigma("  s:\n    CommandLine|re: '(?=x)'\n  condition: s"))).toBe('re');
    expect(construct(sigma('  s:\n    a: b\n  condition: s', 'category: file_access'))).toBe('logsource');
    expect(construct(`${sigma('  s:\n    a: b\n  condition: s').replace('windows', 'linux')}`)).toBe(
      'logsource',
    );
  });

  it('stands hostile text', () => {
    const deep = `${'('.repeat(5000)}s${')'.repeat(5000)}`;
    expect(construct(sigma(`  s:\n    CommandLine: a\n  condition: '${deep}'`))).toBe('condition');
    expect(construct('a: &a [x]\nb: &b [*a,*a]\nc: [*b,*b]')).toBeDefined();
    expect(construct(`title: T\n${'x'.repeat(2_000_000)}`)).toBe('file');
    const many = Array.from({ length: 2000 }, (_, i) => `'v${i}*w'`).join(', ');
    expect(query(`  s:\n    CommandLine|contains: [${many}]\n  condition: s`)).toContain('v1999');
    expect(query(`  s:\n    CommandLine: '"); drop | where (x == "'\n  condition: s`)).toContain('""');
  });
});

describe('correlations', () => {
  const base = (name: string, id: number) =>
    `title: ${name}\nname: ${name}\nlogsource:\n  product: windows\n  service: security\ndetection:\n  s:\n    EventID: ${id}\n  condition: s\n`;
  const head = 'title: C\nlevel: high\ntags: [attack.credential-access, attack.t1110]\n';

  it.each([
    [
      'event_count',
      'rules: [failed]\n  group-by: [TargetUserName, Computer]\n  timespan: 10m\n  condition:\n    gte: 10',
    ],
    [
      'value_count',
      'rules: [failed]\n  group-by: [Computer]\n  timespan: 1h\n  condition:\n    field: TargetUserName\n    gt: 5',
    ],
    ['temporal', 'rules: [failed, success]\n  group-by: [TargetUserName]\n  timespan: 5m'],
    ['temporal_ordered', 'rules: [failed, success]\n  group-by: [TargetUserName]\n  timespan: 5m'],
  ])('%s becomes one rule', (type, rest) => {
    const text = [
      base('failed', 4625),
      base('success', 4624),
      `${head}correlation:\n  type: ${type}\n  ${rest}\n`,
    ].join('---\n');
    const made = convertRules('sigma', text).filter((each) => each.title === 'C');
    expect(made).toHaveLength(1);
    const [conversion] = made;
    if (conversion?.ok !== true) throw new Error(JSON.stringify(conversion));
    expect(conversion.rule).toMatchObject({
      severity: 'High',
      category: 'CredentialAccess',
      techniques: ['T1110'],
    });
  });

  it('names a rule that is not there', () => {
    const text = `${head}correlation:\n  type: event_count\n  rules: [nobody]\n  timespan: 5m\n  condition:\n    gt: 1\n`;
    expect(construct(text)).toBe('correlation');
  });
});

describe('Sentinel', () => {
  const rule = `id: x
name: "Rare process {{x}}"
description: |
  'Something rare.'
severity: High
queryFrequency: 1h
queryPeriod: 1d
triggerOperator: gt
triggerThreshold: 0
tactics: [CredentialAccess]
relevantTechniques: [T1003, T1003.001]
query: |
  DeviceProcessEvents | where FileName == "x.exe"
entityMappings:
  - entityType: Host
    fieldMappings:
      - identifier: HostName
        columnName: DeviceName
  - entityType: Account
    fieldMappings:
      - identifier: FullName
        columnName: AccountName
`;

  it('keeps what the rule says', () => {
    const [made] = convertRules('sentinel', rule);
    expect(made).toMatchObject({
      ok: true,
      query: 'DeviceProcessEvents | where FileName == "x.exe"',
      rule: {
        severity: 'High',
        category: 'CredentialAccess',
        techniques: ['T1003', 'T1003.001'],
        schedule: { kind: 'every', everyMs: 3_600_000, lookbackMs: 86_400_000 },
        entities: { device: 'DeviceName', user: 'AccountName' },
        description: 'Something rare.',
      },
    });
  });

  it('says what it cannot convert', () => {
    const why = (text: string) => {
      const [made] = convertRules('sentinel', text);
      return made?.ok === false ? made.construct : undefined;
    };
    expect(why('name: x')).toBe('query');
    expect(why('[')).toBe('yaml');
    expect(why(rule.replace('triggerThreshold: 0', 'triggerThreshold: 5'))).toBe('triggerThreshold');
    expect(why(`${rule}kind: Fusion\n`)).toBe('kind');
  });
});
