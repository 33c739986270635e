import type { KqlType } from '../../model/kql-type.ts';
import type { Column } from '../../model/table-schema.ts';
import { Kusto, type KustoObject, listOf, System } from './kusto.ts';

/**
 * The hunting service's own functions, which no database declares. A function with a body is computed from the stored
 * tables; one with columns only adds them.
 * Source: https://learn.microsoft.com/defender-xdr/advanced-hunting-fileprofile-function and its neighbours
 */
interface Enrichment {
  readonly name: string;
  /** Parameters in the language's own notation; a first tabular one is what stands before `invoke`. */
  readonly parameters: string;
  /** The function in the language itself. */
  readonly body?: string;
  /** Added after the input's columns; a name that is taken gets a number. */
  readonly columns?: readonly Column[];
}

const column = (type: KqlType, ...names: string[]): Column[] => names.map((name) => ({ name, type }));

/** The documented columns of a file profile, in order. */
export const FILE_PROFILE: readonly Column[] = [
  ...column('string', 'SHA1', 'SHA256', 'MD5'),
  ...column('int', 'FileSize', 'GlobalPrevalence'),
  ...column('datetime', 'GlobalFirstSeen', 'GlobalLastSeen'),
  ...column('string', 'Signer', 'Issuer', 'SignerHash'),
  ...column('bool', 'IsCertificateValid', 'IsRootSignerMicrosoft'),
  ...column('string', 'SignatureState'),
  ...column('bool', 'IsExecutable'),
  ...column('string', 'ThreatName', 'Publisher', 'SoftwareName', 'ProfileAvailability'),
];

const ADDRESSES = 'DeviceNetworkInfo | mv-expand Address = parse_json(IPAddresses)';

export const ENRICHMENTS: readonly Enrichment[] = [
  {
    name: 'FileProfile',
    parameters: "(T:(*), hashColumn:string='SHA1', rows:long=1000)",
    columns: FILE_PROFILE,
  },
  {
    name: 'SeenBy',
    parameters: "(T:(*), deviceColumn:string='DeviceId')",
    columns: column('string', 'SeenBy'),
  },
  {
    name: 'DeviceFromIP',
    parameters: '(T:(IP:string))',
    body: `{ T | lookup kind=leftouter (${ADDRESSES}
      | project IP = tostring(Address.IPAddress), DeviceId, Timestamp
      | summarize arg_max(Timestamp, DeviceId) by IP | project IP, DeviceId) on IP }`,
  },
  {
    name: 'AssignedIPAddresses',
    parameters: '(device:string, at:datetime=datetime(9999-12-31))',
    body: `{ ${ADDRESSES.replace(
      '|',
      '| where (DeviceId == device or DeviceName =~ device) and Timestamp <= at | top 1 by Timestamp |',
    )}
      | extend IPAddress = tostring(Address.IPAddress)
      | project Timestamp, IPAddress, IPType = tostring(Address.AddressType), NetworkAdapterType, ConnectedNetworks }`,
  },
];

export function enrichmentSymbols(): KustoObject[] {
  return ENRICHMENTS.map(({ name, parameters, body, columns }) => {
    if (body !== undefined) return new Kusto.Symbols.FunctionSymbol.$ctor16(name, parameters, body);
    const parsed = Kusto.Symbols.Parameter.ParseList(parameters);
    const result = (call: KustoObject): KustoObject => tableWith(inputOf(call), columns ?? []);
    return new Kusto.Symbols.FunctionSymbol.$ctor1(name, result, Kusto.Symbols.Tabularity.Tabular, parsed);
  });
}

function inputOf(call: KustoObject): KustoObject | undefined {
  const types = call.ArgumentTypes;
  const count = types ? System.Array.getCount(types, Kusto.Symbols.TypeSymbol) : 0;
  return count > 0 ? System.Array.getItem(types, 0, Kusto.Symbols.TypeSymbol) : undefined;
}

function tableWith(input: KustoObject | undefined, added: readonly Column[]): KustoObject {
  const columns: string[] = [];
  const taken = new Set<string>();
  for (const symbol of listOf(input?.Columns)) {
    columns.push(`['${symbol.Name}']:${symbol.Type.Name === 'unknown' ? 'dynamic' : symbol.Type.Name}`);
    taken.add(symbol.Name);
  }
  for (const { name, type } of added) {
    let free = name;
    for (let n = 1; taken.has(free); n++) free = `${name}${n}`;
    taken.add(free);
    columns.push(`['${free}']:${type}`);
  }
  return Kusto.Symbols.TableSymbol.From(`(${columns.join(', ')})`);
}
