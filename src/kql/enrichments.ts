import type { KqlType } from '../model/kql-type.ts';
import type { Column } from '../model/table-schema.ts';

/**
 * The hunting service's own functions, which no database declares. A function with a body is computed from the stored
 * tables; one with columns only adds them.
 * Source: https://learn.microsoft.com/defender-xdr/advanced-hunting-fileprofile-function and its neighbours
 */
export interface Enrichment {
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
