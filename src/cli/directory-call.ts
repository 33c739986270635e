import { type CommonOptions, connect, failureOf, readText } from './connection.ts';
import { usageError } from './failure.ts';

export interface DirectoryOptions extends CommonOptions {
  readonly json?: boolean;
}

/** A call of the administration API below `/spoor/admin`; undefined where the answer is empty. */
export async function askDirectory(
  options: CommonOptions,
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE',
  path: string,
  body?: object,
): Promise<unknown> {
  const answer = await connect(options).send({
    method,
    path: `/spoor/admin/${path}`,
    ...(body === undefined
      ? {}
      : { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
  });
  const text = await readText(answer.body);
  if (answer.status < 200 || answer.status >= 300) throw failureOf(answer.status, text);
  return text === '' ? undefined : JSON.parse(text);
}

/** The list of a listing. */
export async function listDirectory<Entry>(options: CommonOptions, path: string): Promise<readonly Entry[]> {
  const { value } = (await askDirectory(options, 'GET', path)) as { value: readonly Entry[] };
  return value;
}

/** A path with its parts escaped: `at('users', upn)`. */
export function at(...parts: readonly string[]): string {
  return parts.map(encodeURIComponent).join('/');
}

/** One line for each entry: JSON, or its cells with tabs between. */
export function printEntries<Entry>(
  entries: readonly Entry[],
  json: boolean | undefined,
  cells: (entry: Entry) => readonly string[],
): void {
  for (const entry of entries) {
    const line = json === true ? JSON.stringify(entry) : cells(entry).join('\t').trimEnd();
    process.stdout.write(`${line}\n`);
  }
}

/** One entry: a line of JSON, or a line for each member that says something. */
export function printEntry(entry: object, json: boolean | undefined): void {
  if (json === true) {
    process.stdout.write(`${JSON.stringify(entry)}\n`);
    return;
  }
  const width = Math.max(...Object.keys(entry).map((name) => name.length));
  for (const [name, value] of Object.entries(entry)) {
    if (value === undefined || value === '' || (Array.isArray(value) && value.length === 0)) continue;
    process.stdout.write(`${name.padEnd(width)}  ${shownValue(value)}\n`);
  }
}

function shownValue(value: unknown): string {
  if (Array.isArray(value)) return value.map(shownValue).join(', ');
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

/** Without the members that were not given. */
export function given(members: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined));
}

const DAY_MS = 86_400_000;

/** `180d` from now, or a date, as ISO 8601. Throws `CliError`. */
export function expiryOf(text: string | undefined): string | undefined {
  if (text === undefined) return undefined;
  const days = /^(\d{1,5})d$/.exec(text)?.[1];
  const time = days === undefined ? Date.parse(text) : Date.now() + Number(days) * DAY_MS;
  if (Number.isNaN(time)) throw usageError(`--expires takes days such as 180d, or a date: found \`${text}\``);
  return new Date(time).toISOString();
}
