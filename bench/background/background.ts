import { createRandom, type Random } from '../../test/scope/random.ts';
import { DAILY_LIFE } from './daily-life.ts';
import type { Habit, Told } from './habit.ts';
import { LOG_EVENTS } from './log-events.ts';
import { PROCESSES } from './processes.ts';
import { SYSTEM_EVENTS } from './system-events.ts';

export const HABITS: readonly Habit[] = [...DAILY_LIFE, ...PROCESSES, ...SYSTEM_EVENTS, ...LOG_EVENTS];

const USERS = 200;
const SERVERS = 30;
const ADMINS = 5;
const DAYS_MS = 30 * 86_400_000;
/** Of scripts as management tools send them: UTF-16 in base64. */
const ENCODED_MODULE = base64(
  '&chcp.com 65001 > $null; $exec = [ScriptBlock]::Create($input | Out-String); &$exec',
);
const ENCODED_QUESTION = base64('Get-CimInstance Win32_OperatingSystem | Select-Object Caption, Version');

/** A habit as the JSON of its events, so that an event is made by one replacement. */
interface Prepared {
  readonly upTo: number;
  readonly like: string | undefined;
  readonly administrator: boolean;
  readonly texts: readonly string[];
}

export interface Background {
  /** Some thousand events a piece, one JSON value a line, in the order of time. */
  readonly pieces: Iterable<string>;
  /** So far: events of habits that resemble the rule's attack. */
  readonly lookAlikes: ReadonlyMap<string, number>;
}

/** A month of a company that nobody attacks, up to `endMs`: the same events for the same seed. */
export function background(events: number, endMs: number, seed = 1): Background {
  const random = createRandom(seed);
  const lookAlikes = new Map<string, number>();
  let sum = 0;
  const prepared = HABITS.map(({ share, like, administrator = false, events: told }): Prepared => {
    sum += share;
    return { upTo: sum, like, administrator, texts: told.map(textOf) };
  });
  function* pieces(): Iterable<string> {
    let lines: string[] = [];
    for (let made = 0; made < events; ) {
      const at = random.below(sum);
      const habit = prepared.find(({ upTo }) => at < upTo);
      if (habit === undefined) throw new Error('the shares do not add up');
      const values = placeholders(random, habit);
      for (const text of habit.texts) {
        const ms = endMs - DAYS_MS + Math.floor((made / events) * DAYS_MS);
        lines.push(filled(text, { ...values, time: new Date(ms).toISOString(), record: String(made) }));
        made++;
      }
      if (habit.like !== undefined) {
        lookAlikes.set(habit.like, (lookAlikes.get(habit.like) ?? 0) + habit.texts.length);
      }
      if (lines.length >= 5000) {
        yield lines.join('');
        lines = [];
      }
    }
    yield lines.join('');
  }
  return { pieces: pieces(), lookAlikes };
}

function textOf(told: Told): string {
  if (told['category'] === undefined) {
    const common = { Hostname: '{host}.corp.example', TimeCreated: '{time}', '@timestamp': '{time}' };
    return `${JSON.stringify({ ...common, RecordNumber: '{record}', ...told })}\n`;
  }
  const { category, ...own } = told;
  const properties = {
    Timestamp: '{time}',
    DeviceId: '{deviceId}',
    DeviceName: '{host}.corp.example',
    ReportId: '{record}',
  };
  return `${JSON.stringify({ category, properties: { ...properties, ...own } })}\n`;
}

function filled(text: string, values: Readonly<Record<string, string>>): string {
  return text.replaceAll(/\{([a-zA-Z]+\d?)\}/g, (_all, name: string) => {
    const value = values[name];
    if (value === undefined) throw new Error(`no such placeholder: ${name}`);
    return value;
  });
}

function placeholders(random: Random, { administrator, texts }: Prepared): Readonly<Record<string, string>> {
  const number = random.below(USERS);
  const admin = String(1 + random.below(ADMINS));
  // One device does what several events tell.
  const other = texts.length > 1 || random.percent(80) ? `pc${number}` : `srv${random.below(SERVERS)}`;
  const host = administrator ? `paw${admin}` : other;
  return {
    user: `user${number}`,
    rid: String(1000 + number),
    host,
    deviceId: host.padEnd(40, '0'),
    address: `10.0.${1 + (number % 8)}.${number}`,
    admin: `adm${admin}`,
    adminNumber: admin,
    server: `srv${random.below(SERVERS)}`,
    n: String(1000 + random.below(9000)),
    hex: hex(random),
    guid: `{${guid(random)}}`,
    plainGuid: guid(random),
    process0: `{${guid(random)}}`,
    process1: `{${guid(random)}}`,
    process2: `{${guid(random)}}`,
    public: `203.0.113.${random.below(255)}`,
    encodedModule: ENCODED_MODULE,
    encodedQuestion: ENCODED_QUESTION,
  };
}

function hex(random: Random): string {
  return random
    .below(2 ** 32)
    .toString(16)
    .padStart(8, '0');
}

function guid(random: Random): string {
  const [a, b, c] = [hex(random), hex(random), hex(random)];
  return `${a}-${b.slice(0, 4)}-${b.slice(4)}-${c.slice(0, 4)}-${c.slice(4)}${hex(random)}`;
}

function base64(script: string): string {
  return Buffer.from(script, 'utf16le').toString('base64');
}
