import { count, joinSql, type Sql, sql } from '../../clickhouse/sql.ts';
import type { Argument } from './registry.ts';

/** A network that is known when the query is compiled. */
export interface ConstantNetwork {
  /** The 32 bits, those outside the network 0. */
  readonly bits: number;
  readonly mask: number;
}

const ADDRESS =
  /^(0|[1-9]\d{0,2})\.(0|[1-9]\d{0,2})\.(0|[1-9]\d{0,2})\.(0|[1-9]\d{0,2})(?:\/(\d|[12]\d|3[0-2]))?$/;

/**
 * The network of a constant address under its suffix or `length`, whichever is smaller. Undefined where that is for the
 * engine to find out: a column, or text that is no plain address.
 */
export function constantNetwork(
  address: Argument['constant'],
  length: Argument['constant'] = 32n,
): ConstantNetwork | undefined {
  if (typeof address !== 'string' || typeof length !== 'bigint' || length < 0n || length > 32n)
    return undefined;
  const [, a, b, c, d, suffix = '32'] = ADDRESS.exec(address) ?? [];
  const bytes = [a, b, c, d].map(Number);
  if (!bytes.every((byte) => byte <= 255)) return undefined;
  const kept = Math.min(Number(suffix), Number(length));
  const mask = 2 ** 32 - 2 ** (32 - kept);
  const number = bytes.reduce((sum, byte) => sum * 256 + byte, 0);
  return { bits: Number(BigInt(number) & BigInt(mask)), mask };
}

/** The bits of a plain address under a mask, as a Nullable(UInt32). */
export function maskedBits(address: Sql, { mask }: ConstantNetwork): Sql {
  const bits = bitsOf(address);
  return mask === 2 ** 32 - 1 ? bits : sql`bitAnd(${bits}, toUInt32(${count(mask)}))`;
}

/** Whether a plain address is in one of the networks; NULL where it is no address. */
export function inNetworks(address: Sql, networks: readonly ConstantNetwork[]): Sql {
  const tests = networks.map((network) => sql`(${maskedBits(address, network)} = ${count(network.bits)})`);
  return sql`(${joinSql(tests, ' OR ')})`;
}

/** `plain` where the address carries no suffix, as nearly all do; `suffixed`, which is then not computed, where it does. */
export function mostlyPlain(address: Sql, plain: Sql, suffixed: Sql): Sql {
  const rest = sql`if(position(${address}, '/') = 0, NULL, ${suffixed})`;
  return sql`if(isNotNull(${bitsOf(address)}), ${plain}, ${rest})`;
}

function bitsOf(address: Sql): Sql {
  return sql`IPv4StringToNumOrNull(${address})`;
}
