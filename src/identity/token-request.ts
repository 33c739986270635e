import type { Clock } from '../model/clock.ts';
import type { ClientProof } from './access-token.ts';
import { checkAssertion } from './client-assertion.ts';
import type { Application, Directory, Tenant } from './directory.ts';
import type { KeyStore } from './key-store.ts';
import { OAuthError } from './oauth-error.ts';
import type { IdentityPolicy } from './policy.ts';
import type { ServerAddress } from './server-address.ts';
import { shown } from './shown.ts';

export { shown } from './shown.ts';

/** One call of the token endpoint, form and header already taken apart. */
export interface TokenRequest {
  /** As in the path: an id, a domain, or `common` and its kin. */
  readonly tenant: string;
  readonly endpoint: 1 | 2;
  readonly form: TokenForm;
  /** From `Authorization: Basic`, undefined without one. */
  readonly basic: ClientCredentials | undefined;
  /** Where the call comes from. */
  readonly remoteAddress: string;
  /** The origin by which the client reached the server: what it takes for the issuer of id tokens. */
  readonly origin: string;
  /** Told, for the audit log, which user a token is made for. */
  readonly grantedTo?: (user: { readonly id: string; readonly tenant: string }) => void;
}

/** Fields by trimmed name. A field sent more than once is in `repeated`. */
export interface TokenForm {
  readonly values: ReadonlyMap<string, string>;
  readonly repeated: ReadonlySet<string>;
}

export interface ClientCredentials {
  readonly id: string;
  readonly secret: string;
}

/** What every grant works with. */
export interface GrantParts {
  readonly directory: Directory;
  readonly keys: KeyStore;
  readonly clock: Clock;
  readonly address: ServerAddress;
  /** Write the numbers of v1 answers as strings, as the live service does. */
  readonly v1NumbersAsStrings: boolean;
  readonly policy: IdentityPolicy;
}

/** A field's value; undefined when missing or empty, which OAuth treats alike. Throws for a repeated one. */
export function optionalField(form: TokenForm, name: string): string | undefined {
  if (form.repeated.has(name)) {
    throw new OAuthError(
      'repeatedParameter',
      `The request is not properly formatted. The parameter '${name}' is duplicated.`,
    );
  }
  const value = form.values.get(name);
  return value === undefined || value === '' ? undefined : value;
}

export function requiredField(form: TokenForm, name: string): string {
  const value = optionalField(form, name);
  if (value === undefined) {
    throw new OAuthError(
      'missingParameter',
      `The request body must contain the following parameter: '${name}'.`,
    );
  }
  return value;
}

const TENANTLESS: ReadonlySet<string> = new Set(['common', 'organizations', 'consumers']);

/** True for `common` and its kin, which stand for the tenant of whoever signs in. */
export function isTenantless(tenant: string): boolean {
  return TENANTLESS.has(tenant.toLowerCase());
}

export async function requiredTenant(directory: Directory, tenant: string): Promise<Tenant> {
  if (isTenantless(tenant)) throw tenantNeeded();
  const found = await directory.tenant(tenant);
  if (found === undefined) throw new OAuthError('unknownTenant', `Tenant '${shown(tenant)}' not found.`);
  return found;
}

export function tenantNeeded(): OAuthError {
  return new OAuthError(
    'tenantNeeded',
    'The application is not configured as a multi-tenant application. Use a tenant-specific endpoint.',
  );
}

/** A client by its id, before it has proved anything. */
export async function namedClient(
  request: TokenRequest,
  tenant: Tenant,
  directory: Directory,
): Promise<Application> {
  const { form, basic } = request;
  const bodyId = optionalField(form, 'client_id');
  if (basic !== undefined && bodyId !== undefined && basic.id.toLowerCase() !== bodyId.toLowerCase()) {
    throw new OAuthError('invalidInput', 'The client ids of the header and the body differ.');
  }
  const id = bodyId ?? basic?.id ?? requiredField(form, 'client_id');
  const app = await directory.application(tenant.id, id);
  if (app === undefined) throw unknownApplication(id, tenant.name);
  return app;
}

export function unknownApplication(id: string, tenant: string): OAuthError {
  return new OAuthError(
    'unknownApplication',
    `Application with identifier '${shown(id)}' was not found in the directory '${shown(tenant)}'.`,
  );
}

/** Proves a client that keeps a secret or a key: sent in the body, by HTTP Basic, or as a signed assertion. */
export async function proveClient(
  parts: GrantParts,
  request: TokenRequest,
  tenant: Tenant,
  app: Application,
): Promise<ClientProof> {
  const { form, basic } = request;
  const secret = optionalField(form, 'client_secret') ?? basic?.secret;
  const assertion = optionalField(form, 'client_assertion');
  if (secret !== undefined && secret !== '') {
    if (assertion !== undefined)
      throw new OAuthError('invalidInput', 'The client sent more than one credential.');
    const check = await parts.directory.checkSecret(app, secret);
    if (check === 'expired')
      throw new OAuthError('expiredSecret', 'The provided client secret keys are expired.');
    if (check === 'wrong') throw new OAuthError('wrongSecret', 'Invalid client secret provided.');
    return 'secret';
  }
  if (assertion === undefined) {
    throw new OAuthError(
      'noCredential',
      "The request body must contain the following parameter: 'client_assertion' or 'client_secret'.",
    );
  }
  const type = requiredField(form, 'client_assertion_type');
  await checkAssertion(parts, { request, tenant, app, assertion, type });
  return 'certificate';
}

/** A public client proves nothing, and one that sends a secret takes itself for another. */
export function refuseCredentials({ form, basic }: TokenRequest): ClientProof {
  const sent = ['client_secret', 'client_assertion'].some((name) => optionalField(form, name) !== undefined);
  if (sent || (basic !== undefined && basic.secret !== '')) {
    throw new OAuthError(
      'credentialOfPublicClient',
      "Client is public so neither 'client_assertion' nor 'client_secret' should be presented.",
    );
  }
  return 'none';
}
