import type { Clock } from '../model/clock.ts';
import type { Application, Directory, Tenant } from './directory.ts';
import type { KeyStore } from './key-store.ts';
import { OAuthError } from './oauth-error.ts';
import type { ServerAddress } from './server-address.ts';

/** One call of the token endpoint, form and header already taken apart. */
export interface TokenRequest {
  /** As in the path: an id, a domain, or `common` and its kin. */
  readonly tenant: string;
  readonly endpoint: 1 | 2;
  readonly form: TokenForm;
  /** From `Authorization: Basic`, undefined without one. */
  readonly basic: ClientCredentials | undefined;
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

export async function requiredTenant(directory: Directory, tenant: string): Promise<Tenant> {
  if (TENANTLESS.has(tenant.toLowerCase())) {
    throw new OAuthError(
      'tenantNeeded',
      'The application is not configured as a multi-tenant application. Use a tenant-specific endpoint.',
    );
  }
  const found = await directory.tenant(tenant);
  if (found === undefined) throw new OAuthError('unknownTenant', `Tenant '${shown(tenant)}' not found.`);
  return found;
}

/** Finds the application and proves its secret, sent in the body or by HTTP Basic. */
export async function authenticateClient(
  request: TokenRequest,
  tenant: Tenant,
  directory: Directory,
): Promise<Application> {
  const { form, basic } = request;
  const bodyId = optionalField(form, 'client_id');
  const bodySecret = optionalField(form, 'client_secret');
  const id = bodyId ?? basic?.id ?? requiredField(form, 'client_id');
  if (basic !== undefined && bodyId !== undefined && basic.id.toLowerCase() !== bodyId.toLowerCase()) {
    throw new OAuthError('invalidInput', 'The client ids of the header and the body differ.');
  }
  const app = await directory.application(tenant.id, id);
  if (app === undefined) {
    throw new OAuthError(
      'unknownApplication',
      `Application with identifier '${shown(id)}' was not found in the directory '${shown(tenant.name)}'.`,
    );
  }
  const secret = bodySecret ?? basic?.secret;
  if (secret === undefined || secret === '') {
    if (optionalField(form, 'client_assertion') !== undefined) {
      throw new OAuthError(
        'badAssertion',
        'The client assertion failed signature validation: no certificate is registered for the application.',
      );
    }
    throw new OAuthError(
      'noCredential',
      "The request body must contain the following parameter: 'client_assertion' or 'client_secret'.",
    );
  }
  const check = await directory.checkSecret(app, secret);
  if (check === 'expired')
    throw new OAuthError('expiredSecret', 'The provided client secret keys are expired.');
  if (check === 'wrong') throw new OAuthError('wrongSecret', 'Invalid client secret provided.');
  return app;
}

/** A client's text in a message: short, and without characters that could break out of a line. */
export function shown(text: string): string {
  return text.replace(/[^\x21-\x7e ]/g, '?').slice(0, 200);
}
