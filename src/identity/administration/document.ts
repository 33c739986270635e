import {
  type FieldReader,
  type Fields,
  flagField,
  listField,
  needed,
  readFields,
  textField,
  timeField,
} from '../../model/fields.ts';
import { TENANT_LIMIT_FIELDS, type TenantLimits } from '../../model/tenant-limits.ts';
import { ISSUER_FIELDS } from '../outside-issuers.ts';
import { APPLICATION_FIELDS, CONSENT_FIELDS, GROUP_FIELDS, USER_FIELDS } from './fields.ts';

/**
 * A directory as an administrator writes it down. A list that is left out says nothing of what there is; a setting that
 * is left out is left as it is.
 */
export interface DirectoryDocument {
  readonly tenants: readonly TenantEntry[];
}

export interface TenantEntry {
  /** Id or a domain; undefined: the tenant of the call. */
  readonly tenant: { readonly id: string | undefined; readonly domain: string | undefined } | undefined;
  readonly name: string | undefined;
  /** Further domains. */
  readonly domains: readonly string[] | undefined;
  readonly applications: readonly ApplicationEntry[] | undefined;
  readonly users: readonly UserEntry[] | undefined;
  readonly groups: readonly GroupEntry[] | undefined;
  /** Taken as a whole: a limit that it leaves out is the server's. */
  readonly limits: TenantLimits | undefined;
  readonly issuers: readonly IssuerEntry[] | undefined;
}

/** Found by its name; its tenant is the one that it stands in. */
export type IssuerEntry = Fields<typeof ISSUER_FIELDS> & { readonly issuer: string };

export interface ApplicationEntry {
  /** Found by its client id where one is written, else by its name. */
  readonly id: string | undefined;
  readonly name: string;
  readonly settings: Fields<typeof APPLICATION_FIELDS>;
  /** Found by name. */
  readonly secrets: readonly SecretEntry[] | undefined;
  /** Found by what they are, not by their names. */
  readonly certificates: readonly CertificateEntry[] | undefined;
  readonly consents: readonly ConsentEntry[] | undefined;
}

export interface SecretEntry {
  readonly name: string;
  readonly expiresAt: Date | undefined;
}

export interface CertificateEntry {
  readonly name: string | undefined;
  /** The certificate, without its key. */
  readonly pem: string;
}

export interface ConsentEntry {
  readonly user: string | undefined;
  readonly api: NonNullable<Fields<typeof CONSENT_FIELDS>['api']>;
  readonly scopes: readonly string[];
}

export interface UserEntry {
  readonly upn: string;
  readonly settings: Fields<typeof USER_FIELDS>;
  /** A new user gets a password, which the answer shows this once. */
  readonly generatePassword: boolean;
}

export interface GroupEntry {
  readonly name: string;
  readonly settings: Omit<Fields<typeof GROUP_FIELDS>, 'users'>;
  readonly users: readonly string[] | undefined;
}

const secret: FieldReader<SecretEntry> = (value, where) => {
  const { name, expiresAt } = readFields(value, { name: textField, expiresAt: timeField }, where);
  return { name: needed(name, 'name', where), expiresAt };
};

const certificate: FieldReader<CertificateEntry> = (value, where) => {
  const { name, pem } = readFields(value, { name: textField, pem: textField }, where);
  return { name, pem: needed(pem, 'pem', where) };
};

const consent: FieldReader<ConsentEntry> = (value, where) => {
  const { user, api, scopes } = readFields(value, CONSENT_FIELDS, where);
  return { user, api: needed(api, 'api', where), scopes: needed(scopes, 'scopes', where) };
};

const application: FieldReader<ApplicationEntry> = (value, where) => {
  const shape = {
    id: textField,
    ...APPLICATION_FIELDS,
    secrets: listField(secret),
    certificates: listField(certificate),
    consents: listField(consent),
  };
  const { id, secrets, certificates, consents, ...settings } = readFields(value, shape, where);
  return { id, name: needed(settings.name, 'name', where), settings, secrets, certificates, consents };
};

const user: FieldReader<UserEntry> = (value, where) => {
  const shape = { upn: textField, generatePassword: flagField, ...USER_FIELDS };
  const { upn, generatePassword, ...settings } = readFields(value, shape, where);
  return { upn: needed(upn, 'upn', where), settings, generatePassword: generatePassword ?? false };
};

const group: FieldReader<GroupEntry> = (value, where) => {
  const { users, ...settings } = readFields(value, GROUP_FIELDS, where);
  return { name: needed(settings.name, 'name', where), settings, users };
};

const issuer: FieldReader<IssuerEntry> = (value, where) => {
  const fields = readFields(value, ISSUER_FIELDS, where);
  return { ...fields, issuer: needed(fields.issuer, 'issuer', where) };
};

const limits: FieldReader<TenantLimits> = (value, where) => readFields(value, TENANT_LIMIT_FIELDS, where);

const CONTENT = {
  applications: listField(application),
  users: listField(user),
  groups: listField(group),
  limits,
  issuers: listField(issuer),
};

const tenant: FieldReader<TenantEntry> = (value, where) => {
  const shape = {
    id: textField,
    domain: textField,
    name: textField,
    domains: listField(textField),
    ...CONTENT,
  };
  const { id, domain, name, domains, ...content } = readFields(value, shape, where);
  if (id === undefined && domain === undefined) needed(id, 'id', where);
  return { tenant: { id, domain }, name, domains, ...contentOf(content) };
};

/** Either `tenants`, or the content of one tenant, that of the call. Throws `InvalidInput`, `MissingRequiredParameter` (400). */
export function readDocument(value: unknown): DirectoryDocument {
  const shape = { tenants: listField(tenant), ...CONTENT };
  const { tenants, ...content } = readFields(value, shape, 'the document');
  const own = { tenant: undefined, name: undefined, domains: undefined, ...contentOf(content) };
  const hasOwn = Object.keys(content).length > 0;
  return { tenants: [...(hasOwn ? [own] : []), ...(tenants ?? [])] };
}

/** With every member, said or not. */
function contentOf({ applications, users, groups, limits, issuers }: Fields<typeof CONTENT>) {
  return { applications, users, groups, limits, issuers };
}
