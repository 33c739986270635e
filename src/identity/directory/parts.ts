import type { Clock } from '../../model/clock.ts';
import { RequestError } from '../../model/request-error.ts';
import type { Store } from '../../store/store.ts';

/** What every operation on the directory works with. */
export interface DirectoryParts {
  readonly store: Store;
  readonly clock: Clock;
}

export function now({ clock }: DirectoryParts): Date {
  return new Date(clock.nowMs());
}

const GUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const DOMAIN = /^(?=.{1,253}$)[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)+$/;
const MAX_NAME_CHARS = 256;

/** Lower case. Throws `InvalidInput` (400) for anything but a GUID. */
export function checkedGuid(id: string, what: string): string {
  const lower = id.toLowerCase();
  if (!GUID.test(lower)) throw invalid(`${what} is a GUID`);
  return lower;
}

/** Lower case. Throws `InvalidInput` (400) for anything but a DNS name of two labels or more. */
export function checkedDomain(domain: string): string {
  const lower = domain.toLowerCase();
  if (!DOMAIN.test(lower)) throw invalid('a tenant domain is a DNS name');
  return lower;
}

export function checkedName(name: string): string {
  if (name.trim() === '' || name.length > MAX_NAME_CHARS || /\p{Cc}/u.test(name)) {
    throw invalid(`a name has 1 to ${MAX_NAME_CHARS} characters, no control characters`);
  }
  return name;
}

/** Each once, in the order given. Throws `InvalidInput` (400) for a name that is not known. */
export function checkedChoices<Name extends string>(
  names: readonly string[],
  known: Readonly<Record<Name, unknown>>,
  what: string,
): readonly Name[] {
  const isKnown = (name: string): name is Name => Object.hasOwn(known, name);
  const unknown = names.find((name) => !isKnown(name));
  if (unknown !== undefined) {
    throw invalid(`${what} ${JSON.stringify(unknown)} is not one of ${Object.keys(known).join(', ')}`);
  }
  return [...new Set(names.filter(isKnown))];
}

export function invalid(what: string): RequestError {
  return new RequestError('InvalidInput', 400, `Invalid input: ${what}`);
}

export function notFound(what: string): RequestError {
  return new RequestError('ResourceNotFound', 404, `Resource ${what} was not found`);
}

export function conflict(what: string): RequestError {
  return new RequestError('Conflict', 409, what);
}
