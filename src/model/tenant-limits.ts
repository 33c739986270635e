import { type FieldReader, type Fields, invalidField, numberField, oneOfField } from './fields.ts';

export const QUOTA_PROFILE_NAMES = ['2020-12', '2021-01', 'current', 'unlimited'] as const;

function within(least: number, most: number): FieldReader<number> {
  return (value, where) => {
    const number = numberField(value, where);
    if (number < least || number > most) throw invalidField(`${where} is not from ${least} to ${most}`);
    return number;
  };
}

function whole(least: number, most: number): FieldReader<number> {
  const inside = within(least, most);
  return (value, where) => {
    const number = inside(value, where);
    if (!Number.isInteger(number)) throw invalidField(`${where} is not a whole number`);
    return number;
  };
}

function orUnlimited(reader: FieldReader<number>): FieldReader<number | 'unlimited'> {
  return (value, where) => (value === 'unlimited' ? value : reader(value, where));
}

const MOST_SECONDS = 31_536_000;
const seconds = orUnlimited(within(0.001, MOST_SECONDS));

/** DATA: what a tenant can have in place of the server's own limits. */
export const TENANT_LIMIT_FIELDS = {
  profile: oneOfField(...QUOTA_PROFILE_NAMES),
  callsPerMinute: orUnlimited(whole(1, 1_000_000)),
  runningSecondsPerHour: seconds,
  runningSecondsPerDay: seconds,
  cpuPercent: orUnlimited(within(0.01, 100)),
  requestSeconds: seconds,
  maxRows: whole(1, 2 ** 31),
  maxResultBytes: orUnlimited(whole(1, Number.MAX_SAFE_INTEGER)),
};

/** A member that is missing is as the profile says, or without a profile as the server's settings say. */
export type TenantLimits = Fields<typeof TENANT_LIMIT_FIELDS>;
