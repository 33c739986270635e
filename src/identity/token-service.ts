import { clientCredentials } from './grants/client-credentials.ts';
import { OAuthError } from './oauth-error.ts';
import { type GrantParts, requiredField, requiredTenant, shown, type TokenRequest } from './token-request.ts';

type Grant = (parts: GrantParts, request: TokenRequest) => Promise<object>;

/** Every grant by its `grant_type`, one file each. */
const GRANTS: ReadonlyMap<string, Grant> = new Map([['client_credentials', clientCredentials]]);

export interface TokenService {
  /** The answer's body, members in the documented order. Throws `OAuthError`. */
  token(request: TokenRequest): Promise<object>;
}

export function createTokenService(parts: GrantParts): TokenService {
  return {
    async token(request) {
      await requiredTenant(parts.directory, request.tenant);
      const type = requiredField(request.form, 'grant_type').trim();
      const grant = GRANTS.get(type);
      if (grant === undefined) {
        throw new OAuthError(
          'unsupportedGrant',
          `The app requested an unsupported grant type '${shown(type)}'.`,
        );
      }
      return grant(parts, request);
    },
  };
}
