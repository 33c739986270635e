import { randomUUID } from 'node:crypto';
import { deviceGroupsOfUser } from '../../store/device-groups.ts';
import { deleteSessionsOfUser } from '../../store/sessions.ts';
import { revokeFamiliesOfUser } from '../../store/token-families.ts';
import {
  deleteUser,
  findUser,
  insertUser,
  listUsers as listRecords,
  type StoredUser,
  updateUser,
} from '../../store/users.ts';
import { hashPassword } from '../password.ts';
import { USER_ROLES } from '../user-roles.ts';
import {
  checkedChoices,
  checkedName,
  conflict,
  type DirectoryParts,
  invalid,
  notFound,
  now,
} from './parts.ts';
import { type Tenant, tenantDomains } from './tenants.ts';

/** A user without what proves who it is. */
export type User = Omit<StoredUser, 'password'> & { readonly hasPassword: boolean };

/** What is missing is left as it is, or is empty at first. */
export interface UserSettings {
  readonly name?: string | undefined;
  readonly givenName?: string | undefined;
  readonly familyName?: string | undefined;
  /** User roles (`USER_ROLES`). */
  readonly roles?: readonly string[] | undefined;
  readonly enabled?: boolean | undefined;
}

export interface NewUser extends UserSettings {
  /** The sign-in name, `name@domain`, in any case. */
  readonly upn: string;
  /** Without one the user cannot sign in until it is set. */
  readonly password?: string | undefined;
}

const UPN = /^[^\s@\p{Cc}]{1,64}@[a-z0-9.-]{1,253}$/u;
const LEAST_PASSWORD_CHARS = 12;
const MOST_PASSWORD_CHARS = 256;

/** Throws `InvalidInput` (400), `Conflict` (409) for a sign-in name that is taken. */
export async function createUser(parts: DirectoryParts, tenant: Tenant, wanted: NewUser): Promise<User> {
  const upn = wanted.upn.toLowerCase();
  if (!UPN.test(upn)) throw invalid('a sign-in name is written `name@domain`');
  const domains = await tenantDomains(parts, tenant);
  if (domains.length > 0 && !domains.includes(upn.slice(upn.indexOf('@') + 1))) {
    throw invalid(`the domain of a sign-in name is one of the tenant's: ${domains.join(', ')}`);
  }
  const bare: StoredUser = {
    id: randomUUID(),
    tenant: tenant.id,
    upn,
    name: wanted.name ?? upn,
    givenName: '',
    familyName: '',
    password: wanted.password === undefined ? '' : await checkedPassword(wanted.password),
    roles: [],
    enabled: true,
  };
  const user = withSettings(bare, wanted);
  if (!(await insertUser(parts.store.db, user, now(parts)))) throw conflict(`a user \`${upn}\` exists`);
  return shownUser(user);
}

/**
 * By id or sign-in name. A user who is switched off is signed out everywhere. Throws `InvalidInput` (400),
 * `ResourceNotFound` (404).
 */
export async function changeUser(
  parts: DirectoryParts,
  tenant: Tenant,
  idOrUpn: string,
  settings: UserSettings,
): Promise<User> {
  const user = withSettings(await existing(parts, tenant, idOrUpn), settings);
  await updateUser(parts.store.db, user);
  if (!user.enabled) await signOutEverywhere(parts, user.id);
  return shownUser(user);
}

/** Signs the user out everywhere. Throws `InvalidInput` (400) for a short one, `ResourceNotFound` (404). */
export async function setPassword(
  parts: DirectoryParts,
  tenant: Tenant,
  idOrUpn: string,
  password: string,
): Promise<void> {
  const user = await existing(parts, tenant, idOrUpn);
  await updateUser(parts.store.db, { ...user, password: await checkedPassword(password) });
  await signOutEverywhere(parts, user.id);
}

/** By id or sign-in name, in any case. Throws `ResourceNotFound` (404). */
export async function existingUser(parts: DirectoryParts, tenant: Tenant, idOrUpn: string): Promise<User> {
  return shownUser(await existing(parts, tenant, idOrUpn));
}

/** By id or sign-in name, in any case, whatever the tenant. */
export async function userBy(parts: DirectoryParts, idOrUpn: string): Promise<User | undefined> {
  const user = await findUser(parts.store.db, idOrUpn.toLowerCase());
  return user === undefined ? undefined : shownUser(user);
}

/** By sign-in name. */
export async function listUsers(parts: DirectoryParts, tenant: Tenant): Promise<readonly User[]> {
  return (await listRecords(parts.store.db, tenant.id)).map(shownUser);
}

/** With sessions, grants, consent and memberships. Throws `ResourceNotFound` (404). */
export async function removeUser(parts: DirectoryParts, tenant: Tenant, idOrUpn: string): Promise<void> {
  await deleteUser(parts.store.db, (await existing(parts, tenant, idOrUpn)).id);
}

/** Ends a user's sessions and all tokens, refresh tokens and access tokens alike. */
export async function signOutEverywhere(parts: DirectoryParts, user: string): Promise<void> {
  await deleteSessionsOfUser(parts.store.db, user);
  await revokeFamiliesOfUser(parts.store.db, user, undefined, now(parts));
}

/** Ids of the device groups that a user sees; undefined for an administrator, who sees the whole tenant. */
export async function visibleDeviceGroups(
  parts: DirectoryParts,
  user: User,
): Promise<readonly string[] | undefined> {
  return user.roles.includes('administrator') ? undefined : deviceGroupsOfUser(parts.store.db, user.id);
}

async function existing(parts: DirectoryParts, tenant: Tenant, idOrUpn: string): Promise<StoredUser> {
  const user = await findUser(parts.store.db, idOrUpn.toLowerCase());
  if (user === undefined || user.tenant !== tenant.id) throw notFound('user');
  return user;
}

async function checkedPassword(password: string): Promise<string> {
  const length = [...password].length;
  if (length < LEAST_PASSWORD_CHARS || length > MOST_PASSWORD_CHARS) {
    throw invalid(`a password has ${LEAST_PASSWORD_CHARS} to ${MOST_PASSWORD_CHARS} characters`);
  }
  return hashPassword(password);
}

function withSettings(user: StoredUser, settings: UserSettings): StoredUser {
  const { name, givenName, familyName, roles, enabled } = settings;
  const optionalName = (text: string) => (text === '' ? '' : checkedName(text));
  return {
    ...user,
    name: checkedName(name ?? user.name),
    givenName: optionalName(givenName ?? user.givenName),
    familyName: optionalName(familyName ?? user.familyName),
    roles: roles === undefined ? user.roles : checkedChoices(roles, USER_ROLES, 'user role'),
    enabled: enabled ?? user.enabled,
  };
}

function shownUser({ password, ...user }: StoredUser): User {
  return { ...user, hasPassword: password !== '' };
}
