import { parse as parseYaml } from 'yaml';
import {
  type FieldReader,
  type Fields,
  invalidField,
  needed,
  readFields,
  textField,
} from '../model/fields.ts';
import { ROLES } from './roles.ts';
import { SCOPES } from './scopes.ts';

/** An issuer of tokens that the administrator trusts beside this server. */
export interface TrustedIssuer {
  /** `iss`, to the letter. */
  readonly issuer: string;
  /** `aud`: one of these. */
  readonly audiences: readonly string[];
  /** The tenant here that its tokens open, a lower-case GUID. */
  readonly tenant: string;
  /** Undefined: as the issuer's discovery document says. */
  readonly jwksUri: string | undefined;
  /** Where the roles stand, dots between the steps. */
  readonly rolesClaim: string;
  /** From what stands there to permissions here; what is not listed gives nothing. */
  readonly roles: Readonly<Record<string, readonly string[]>>;
  /** The claim that holds the sign-in name of a user here. Undefined: its tokens are applications'. */
  readonly userClaim: string | undefined;
}

/** One text, or a list of them. */
const texts: FieldReader<readonly string[]> = (value, where) => {
  const list = Array.isArray(value) ? value : [value];
  if (list.length === 0 || !list.every((item) => typeof item === 'string' && item !== '')) {
    throw invalidField(`${where} is not a list of texts`);
  }
  return list;
};

const address: FieldReader<string> = (value, where) => {
  const text = textField(value, where);
  if (!isSafeUrl(text)) throw invalidField(`${where} is not an https address`);
  return text;
};

const roleMap: FieldReader<Readonly<Record<string, readonly string[]>>> = (value, where) => {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw invalidField(`${where} is not a map of role to permissions`);
  }
  const entries = Object.entries(value).map(([role, permissions]) => {
    const names = texts(permissions, `role ${role} of ${where}`);
    const unknown = names.find((name) => !Object.hasOwn(ROLES, name) && !Object.hasOwn(SCOPES, name));
    if (unknown !== undefined) throw invalidField(`role ${role} of ${where} names no permission: ${unknown}`);
    return [role, names] as const;
  });
  return Object.fromEntries(entries);
};

/** DATA: what an administrator can write of an issuer, but for its tenant. */
export const ISSUER_FIELDS = {
  issuer: address,
  audiences: texts,
  jwksUri: address,
  rolesClaim: textField,
  roles: roleMap,
  userClaim: textField,
};

/** Throws `MissingRequiredParameter` (400) for a member that cannot be left out. */
export function trustedIssuer(
  fields: Fields<typeof ISSUER_FIELDS>,
  tenant: string,
  where?: string,
): TrustedIssuer {
  const { issuer, audiences, jwksUri, rolesClaim, roles, userClaim } = fields;
  return {
    issuer: needed(issuer, 'issuer', where),
    audiences: needed(audiences, 'audiences', where),
    tenant,
    jwksUri,
    rolesClaim: rolesClaim ?? 'roles',
    roles: needed(roles, 'roles', where),
    userClaim,
  };
}

const tenantId: FieldReader<string> = (value, where) => {
  const id = textField(value, where).toLowerCase();
  if (!/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(id)) throw invalidField(`${where} is not a GUID`);
  return id;
};

/** Of the file: words with hyphens, as settings have them. */
const FILE_FIELDS = {
  issuer: ISSUER_FIELDS.issuer,
  tenant: tenantId,
  audiences: ISSUER_FIELDS.audiences,
  'jwks-uri': ISSUER_FIELDS.jwksUri,
  'roles-claim': ISSUER_FIELDS.rolesClaim,
  roles: ISSUER_FIELDS.roles,
  'user-claim': ISSUER_FIELDS.userClaim,
};

/** Reads the YAML of the setting `trusted-issuers`. Throws an error that names the entry and the member. */
export function readTrustedIssuers(text: string): readonly TrustedIssuer[] {
  const list: unknown = parseYaml(text);
  if (!Array.isArray(list)) throw invalidField('the trusted issuers are not a YAML list');
  const issuers = list.map((entry, i) => {
    const where = `trusted issuer ${i + 1}`;
    const read = readFields(entry, FILE_FIELDS, where);
    const { 'jwks-uri': jwksUri, 'roles-claim': rolesClaim, 'user-claim': userClaim, ...same } = read;
    return trustedIssuer(
      { ...same, jwksUri, rolesClaim, userClaim },
      needed(read.tenant, 'tenant', where),
      where,
    );
  });
  const names = issuers.map(({ issuer }) => issuer);
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice !== undefined) throw invalidField(`the trusted issuer ${twice} is listed twice`);
  return issuers;
}

/** Keys that come over the network in the clear are anybody's; the own machine is let through. */
export function isSafeUrl(text: string): boolean {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const isLocal = url !== undefined && ['localhost', '127.0.0.1', '[::1]'].includes(url.hostname);
  return url?.protocol === 'https:' || (url?.protocol === 'http:' && isLocal);
}
