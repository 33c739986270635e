import { decimal as storedDecimal } from '../../ingest/mappings/windows-values.ts';
import { quote } from './kql.ts';

/** How one kind of event, as ingestion stores it, answers to Sigma's field names. */
export interface EventSource {
  readonly table: string;
  /** KQL that picks these events from the table. */
  readonly filter: string;
  /** By Sigma's name. */
  readonly fields: Readonly<Record<string, Field>>;
  /** Fields that this kind of event always has with this very text, such as its `EventID`. */
  readonly constants: Readonly<Record<string, string>>;
  /** True: any other field is a member of `AdditionalFields`. */
  readonly open: boolean;
}

export interface Field {
  /** KQL of type string. */
  readonly kql: string;
  /** The value as it is stored, where that is not the value as Windows writes it. Undefined: it is never stored so. */
  readonly store?: (value: string) => string | undefined;
  /** KQL for a value that is not stored as text at all; undefined for every other. */
  readonly special?: (value: string) => string | undefined;
  /** The same for a part of a value that does not have to stand at its beginning. */
  readonly storePart?: (value: string) => string;
}

export const column = (kql: string, store?: Field['store']): Field =>
  store === undefined ? { kql } : { kql, store };
export const bag = (name: string, store?: Field['store']): Field => column(bagMember(name), store);

/** A member of `AdditionalFields` as text. */
export function bagMember(name: string): string {
  return `tostring(AdditionalFields[${quote(name)}])`;
}

/** Hexadecimal text as decimal. */
export function decimal(value: string): string | undefined {
  const digits = storedDecimal(value);
  return digits === '' ? undefined : digits;
}

/** The Security log writes levels as SIDs. */
export function integrity(value: string): string | undefined {
  const labels: Readonly<Record<string, string>> = {
    'S-1-16-4096': 'Low',
    'S-1-16-8192': 'Medium',
    'S-1-16-12288': 'High',
    'S-1-16-16384': 'System',
  };
  return labels[value.toUpperCase()] ?? value;
}

export function both(...filters: readonly string[]): string {
  return filters.filter((filter) => filter !== '').join(' and ');
}

const CHANNEL = bagMember('Channel');

/** Events that have no table of their own are kept whole under `AdditionalFields`. */
export function otherEvents(
  channel: string,
  ids: readonly number[],
  /** Numbers of this log that have rows of their own. */
  elsewhere: readonly number[] = [],
): EventSource {
  const id = ids.length === 0 ? [] : [`toint(AdditionalFields["EventID"]) in (${ids.join(', ')})`];
  return {
    table: 'DeviceEvents',
    filter: both('ActionType == "WindowsEvent"', `${CHANNEL} =~ ${quote(channel)}`, ...id),
    fields: {
      EventID: bag('EventID', (value) => (elsewhere.includes(Number(value)) ? undefined : value)),
    },
    constants: {},
    open: true,
  };
}
