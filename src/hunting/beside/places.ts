import { readdirSync, readFileSync, statSync } from 'node:fs';
import { isIP } from 'node:net';
import { join } from 'node:path';
import { Reader } from 'mmdb-lib';
import type { Cell, Json } from '../../kql/beside/contract.ts';

/** Where an address is: `geo_info_from_ip_address`. */
export type Places = (address: Cell) => Json;

/**
 * Reads a MaxMind database, or every one in a folder, as packages of them are laid out. Throws where there is none.
 * Source of the format: https://maxmind.github.io/MaxMind-DB
 */
export function openPlaces(path: string): Places {
  const files = statSync(path).isDirectory()
    ? readdirSync(path)
        .filter((name) => name.endsWith('.mmdb'))
        .map((name) => join(path, name))
    : [path];
  const readers = files.map((file) => new Reader<never>(readFileSync(file)));
  if (readers.length === 0) throw new Error('the folder holds no file that ends in .mmdb');
  return (address) => {
    if (typeof address !== 'string' || isIP(address) === 0) return null;
    for (const reader of readers) {
      const found = placeIn(recordOf(reader, address));
      if (found !== null) return found;
    }
    return null;
  };
}

/** A database of IPv4 alone refuses other addresses. */
function recordOf(reader: Reader<never>, address: string): unknown {
  try {
    return reader.get(address);
  } catch {
    return null;
  }
}

/**
 * The members of the documented result that the record has, in its order; null where it has none.
 * Source: https://learn.microsoft.com/kusto/query/geo-info-from-ip-address-function
 */
function placeIn(record: unknown): Json {
  const subdivisions = at(record, 'subdivisions');
  const state = Array.isArray(subdivisions) ? (subdivisions[0] as unknown) : undefined;
  const found: Record<string, Json> = {};
  const put = (key: string, ...values: readonly unknown[]): void => {
    const value = values.find(
      (item) => (typeof item === 'string' && item !== '') || typeof item === 'number',
    );
    if (value !== undefined) found[key] = value as Json;
  };
  put('country', english(at(record, 'country')), at(record, 'country_name'), at(record, 'country_code'));
  put('state', english(state), at(record, 'state1'), at(record, 'region'));
  put('city', english(at(record, 'city')));
  put('latitude', at(at(record, 'location'), 'latitude'), at(record, 'latitude'));
  put('longitude', at(at(record, 'location'), 'longitude'), at(record, 'longitude'));
  return Object.keys(found).length === 0 ? null : found;
}

function english(value: unknown): unknown {
  return typeof value === 'string' ? value : at(at(value, 'names'), 'en');
}

function at(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[key] : undefined;
}
