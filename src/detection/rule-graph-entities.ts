import { RequestError } from '../model/request-error.ts';
import { ENTITY_KINDS, type Entities, type EntityKind } from './rule.ts';

type Members = Readonly<Record<string, unknown>>;

/** How Graph maps a column to a kind of entity: a collection of objects whose members name columns. */
interface Mapping {
  readonly collection: string;
  readonly type: string;
  /** The member for a column with such a name; the first that fits. */
  readonly members: readonly (readonly [member: string, column: RegExp])[];
}

/**
 * DATA: what Graph has a member for. A process is told by its hash there, and applications and cloud resources by what no
 * column of ours holds alone.
 * Source: https://learn.microsoft.com/graph/api/resources/security-entitymappingconfiguration
 */
const MAPPINGS: Partial<Readonly<Record<EntityKind, Mapping>>> = {
  device: {
    collection: 'hosts',
    type: 'hostEntityMapping',
    members: [
      ['deviceIdColumn', /DeviceId$/i],
      ['nameColumn', /./],
    ],
  },
  user: {
    collection: 'accounts',
    type: 'accountEntityMapping',
    members: [
      ['sidColumn', /Sid$/i],
      ['upnColumn', /Upn$/i],
      ['aadUserIdColumn', /ObjectId$/i],
      ['nameColumn', /./],
    ],
  },
  mailbox: {
    collection: 'mailboxes',
    type: 'mailboxEntityMapping',
    members: [['primaryAddressColumn', /./]],
  },
  process: {
    collection: 'processes',
    type: 'processEntityMapping',
    members: [
      ['sha256Column', /SHA256$/i],
      ['sha1Column', /SHA1$/i],
    ],
  },
  file: {
    collection: 'files',
    type: 'fileEntityMapping',
    members: [
      ['sha256Column', /SHA256$/i],
      ['sha1Column', /SHA1$/i],
      ['nameColumn', /./],
    ],
  },
  registry: {
    collection: 'registryValues',
    type: 'registryValueEntityMapping',
    members: [
      ['keyColumn', /Key$/i],
      ['valueNameColumn', /./],
    ],
  },
  ip: { collection: 'ips', type: 'ipEntityMapping', members: [['addressColumn', /./]] },
  url: { collection: 'urls', type: 'urlEntityMapping', members: [['addressColumn', /./]] },
  mailMessage: {
    collection: 'mailMessages',
    type: 'mailMessageEntityMapping',
    members: [['networkMessageIdColumn', /./]],
  },
};

/** `alertTemplate.entityMappings` of a rule. Entities that Graph has no member for are left out. */
export function entityMappings(entities: Entities): Members {
  return Object.fromEntries(
    ENTITY_KINDS.flatMap((kind) => {
      const mapping = MAPPINGS[kind];
      const column = entities[kind];
      const member = mapping?.members.find(([, names]) => names.test(column ?? ''))?.[0];
      if (mapping === undefined || member === undefined) return [];
      const type = `#microsoft.graph.security.${mapping.type}`;
      return [[mapping.collection, [{ '@odata.type': type, [member]: column }]]];
    }),
  );
}

/**
 * The entities that `alertTemplate.entityMappings` names, with those of `before` that it cannot name. Throws
 * `InvalidInput` (400) for entities that this server has no kind for, and for several of one kind.
 */
export function entitiesOfMappings(mappings: Members, before: Entities): Entities {
  const nameable = entityMappings(before);
  const entities: Partial<Record<EntityKind, string>> = {};
  for (const kind of ENTITY_KINDS) {
    const collection = MAPPINGS[kind]?.collection;
    if (collection === undefined || nameable[collection] === undefined) {
      const column = before[kind];
      if (column !== undefined) entities[kind] = column;
    }
  }
  for (const [collection, list] of Object.entries(mappings)) {
    if (collection.startsWith('@') || list === null || (Array.isArray(list) && list.length === 0)) continue;
    const kind = ENTITY_KINDS.find((each) => MAPPINGS[each]?.collection === collection);
    const mapping = kind === undefined ? undefined : MAPPINGS[kind];
    if (kind === undefined || mapping === undefined || !Array.isArray(list)) {
      throw invalid(`\`entityMappings.${collection}\` is not supported here`);
    }
    if (list.length > 1) throw invalid(`\`entityMappings.${collection}\` holds several, expected one`);
    const [only] = list as readonly Members[];
    const column = mapping.members
      .map(([member]) => only?.[member])
      .find((value) => typeof value === 'string');
    if (typeof column !== 'string') {
      const names = mapping.members.map(([member]) => `\`${member}\``).join(', ');
      throw invalid(`\`entityMappings.${collection}\` names no column: expected ${names}`);
    }
    entities[kind] = column;
  }
  return entities;
}

function invalid(problem: string): RequestError {
  return new RequestError('InvalidInput', 400, `Invalid input: ${problem}`);
}
