import { parse as parseYaml } from 'yaml';
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
  readonly roles: ReadonlyMap<string, readonly string[]>;
  /** The claim that holds the sign-in name of a user here. Undefined: its tokens are applications'. */
  readonly userClaim: string | undefined;
}

const MEMBERS = ['issuer', 'audiences', 'tenant', 'jwks-uri', 'roles-claim', 'roles', 'user-claim'];

/** Reads the YAML of the setting `trusted-issuers`. Throws a plain error that names the entry and the member. */
export function readTrustedIssuers(text: string): readonly TrustedIssuer[] {
  const list: unknown = parseYaml(text);
  if (!Array.isArray(list)) throw new Error('the trusted issuers are a YAML list');
  const issuers = list.map((entry, i) => readIssuer(entry, `trusted issuer ${i + 1}`));
  const names = issuers.map(({ issuer }) => issuer);
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice !== undefined) throw new Error(`the trusted issuer ${twice} is listed twice`);
  return issuers;
}

function readIssuer(entry: unknown, where: string): TrustedIssuer {
  if (typeof entry !== 'object' || entry === null || Array.isArray(entry))
    throw new Error(`${where} is not a map`);
  const members = new Map<string, unknown>(Object.entries(entry));
  const unknown = [...members.keys()].find((name) => !MEMBERS.includes(name));
  if (unknown !== undefined) throw new Error(`${where} has no member \`${unknown}\``);
  const text = (name: string): string | undefined => {
    const value = members.get(name);
    if (value === undefined) return undefined;
    if (typeof value !== 'string' || value === '') throw new Error(`\`${name}\` of ${where} is not a text`);
    return value;
  };
  const required = (name: string): string => {
    const value = text(name);
    if (value === undefined) throw new Error(`${where} lacks \`${name}\``);
    return value;
  };
  const tenant = required('tenant').toLowerCase();
  if (!/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(tenant)) {
    throw new Error(`\`tenant\` of ${where} is not a GUID`);
  }
  const jwksUri = text('jwks-uri');
  return {
    issuer: safeUrl(required('issuer'), where),
    audiences: texts(members.get('audiences'), `\`audiences\` of ${where}`),
    tenant,
    jwksUri: jwksUri === undefined ? undefined : safeUrl(jwksUri, where),
    rolesClaim: text('roles-claim') ?? 'roles',
    roles: readRoles(members.get('roles'), where),
    userClaim: text('user-claim'),
  };
}

function readRoles(value: unknown, where: string): ReadonlyMap<string, readonly string[]> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new Error(`\`roles\` of ${where} is not a map of role to permissions`);
  }
  return new Map(
    Object.entries(value).map(([role, permissions]) => {
      const names = texts(permissions, `role ${role} of ${where}`);
      const unknown = names.find((name) => !Object.hasOwn(ROLES, name) && !Object.hasOwn(SCOPES, name));
      if (unknown !== undefined) throw new Error(`role ${role} of ${where} names no permission: ${unknown}`);
      return [role, names];
    }),
  );
}

function texts(value: unknown, where: string): readonly string[] {
  const list = Array.isArray(value) ? value : [value];
  if (list.length === 0 || !list.every((item) => typeof item === 'string' && item !== '')) {
    throw new Error(`${where} is not a list of texts`);
  }
  return list;
}

/** Keys that come over the network in the clear are anybody's; the own machine is let through. */
export function safeUrl(text: string, where: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const isLocal = url !== undefined && ['localhost', '127.0.0.1', '[::1]'].includes(url.hostname);
  if (url?.protocol === 'https:' || (url?.protocol === 'http:' && isLocal)) return text;
  throw new Error(`an address of ${where} is not https`);
}
