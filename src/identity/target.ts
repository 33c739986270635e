import type { Application } from './directory.ts';
import { OAuthError } from './oauth-error.ts';
import { apiOf, isApplicationId } from './resources.ts';
import { type Api, isSignInScope, SCOPES, type Scope, type SignInScope, scopeOf } from './scopes.ts';
import type { ServerAddress } from './server-address.ts';
import { shown } from './shown.ts';

/** What a user's token is asked for. */
export interface Target {
  /** As the client named it. */
  readonly resource: string;
  readonly api: Api;
  /** Of the token: the API's choice, not the endpoint's. */
  readonly version: 1 | 2;
  readonly audience: string;
  readonly scopes: readonly Scope[];
  /** Asked for by `/.default` or by a resource of version 1: what the registration lists. */
  readonly isDefault: boolean;
  readonly signIn: readonly SignInScope[];
}

/** As a client sends it: `resource` at endpoints of version 1, `scope` at both. */
export interface Asked {
  readonly endpoint: 1 | 2;
  readonly resource: string | undefined;
  readonly scope: string | undefined;
}

/** The API of sign-in alone. */
const GRAPH = 'https://graph.microsoft.com';
const DEFAULT = '.default';

/**
 * Resolves what is asked for. Throws `OAuthError`: an unknown resource, more than one, a scope that the API does not
 * have, or `/.default` without any in the registration.
 * Source: https://learn.microsoft.com/entra/identity-platform/scopes-oidc
 */
export function targetOf(address: ServerAddress, app: Application, asked: Asked): Target {
  const names = (asked.scope ?? '').split(/[ \t\r\n]+/).filter((part) => part !== '');
  const signIn = [...new Set(names.filter(isSignInScope))];
  if (asked.endpoint === 1) {
    if (asked.resource === undefined) {
      throw new OAuthError(
        'missingParameter',
        "The request body must contain the following parameter: 'resource'.",
      );
    }
    return byDefault(address, app, asked.resource.trim(), signIn);
  }
  const wanted = names.filter((name) => !isSignInScope(name)).map(split);
  const resource = wanted[0]?.resource ?? GRAPH;
  if (names.length === 0) {
    throw new OAuthError(
      'missingParameter',
      "The request body must contain the following parameter: 'scope'.",
    );
  }
  if (wanted.some((scope) => scope.resource.toLowerCase() !== resource.toLowerCase())) {
    throw new OAuthError(
      'badScope',
      `The provided value for the input parameter 'scope' is not valid. The scope ${shown(asked.scope ?? '')} names more than one resource.`,
    );
  }
  if (wanted.some(({ name }) => name.toLowerCase() === DEFAULT)) {
    return byDefault(address, app, resource, signIn);
  }
  const api = knownApi(address, resource);
  const scopes = wanted.map(({ name }) => scopeOf(api, name) ?? unknownScope(name, resource));
  return { ...tokenOf(resource), api, scopes: [...new Set(scopes)], isDefault: false, signIn };
}

/** The `scope` of an answer: with the resource before each name, but for Graph and sign-in. */
export function scopeText(target: Target): string {
  const prefix = target.resource.replace(/\/$/, '');
  const names = target.isDefault ? [...target.scopes, DEFAULT] : target.scopes;
  const isGraph = target.api === 'graph' && prefix.toLowerCase() === GRAPH;
  return [...names.map((name) => (isGraph ? name : `${prefix}/${name}`)), ...target.signIn].join(' ');
}

function byDefault(
  address: ServerAddress,
  app: Application,
  resource: string,
  signIn: readonly SignInScope[],
): Target {
  const api = knownApi(address, resource);
  const scopes = app.scopes.flatMap((name) => scopeOf(api, name) ?? []);
  if (scopes.length === 0) {
    throw new OAuthError(
      'noPermissions',
      `Invalid resource. The client has requested access to the resource ${shown(resource)}, which is not listed in ` +
        "the requested permissions in the client's application registration.",
    );
  }
  return { ...tokenOf(resource), api, scopes, isDefault: true, signIn };
}

function tokenOf(resource: string): Pick<Target, 'resource' | 'version' | 'audience'> {
  if (!isApplicationId(resource)) return { resource, version: 1, audience: resource };
  return { resource, version: 2, audience: resource.toLowerCase().replace(/^api:\/\//, '') };
}

function knownApi(address: ServerAddress, resource: string): Api {
  const api = apiOf(resource, address);
  if (api === undefined) {
    throw new OAuthError('unknownResource', `The resource principal named ${shown(resource)} was not found.`);
  }
  return api;
}

/** `https://host/Name` names the resource `https://host`; a bare name is Graph's. One slash belongs to the name. */
function split(scope: string): { readonly resource: string; readonly name: string } {
  const slash = scope.lastIndexOf('/');
  if (slash < 0) {
    if (scope.toLowerCase() !== DEFAULT && Object.hasOwn(SCOPES, scope))
      return { resource: GRAPH, name: scope };
    throw new OAuthError(
      'badScope',
      `The provided value for the input parameter 'scope' is not valid. The scope ${shown(scope)} does not exist.`,
    );
  }
  return { resource: scope.slice(0, slash), name: scope.slice(slash + 1) };
}

function unknownScope(name: string, resource: string): never {
  throw new OAuthError(
    'unknownScope',
    `The application asked for scope '${shown(name)}' that doesn't exist on the resource '${shown(resource)}'.`,
  );
}
