import { authorizationCode } from './grants/authorization-code.ts';
import { clientCredentials } from './grants/client-credentials.ts';
import { deviceCode } from './grants/device-code.ts';
import { password } from './grants/password.ts';
import { refreshToken } from './grants/refresh-token.ts';
import { OAuthError } from './oauth-error.ts';
import {
  type GrantParts,
  isTenantless,
  optionalField,
  requiredField,
  requiredTenant,
  shown,
  type TokenRequest,
} from './token-request.ts';

type Grant = (parts: GrantParts, request: TokenRequest) => Promise<object>;

/** Every grant by its `grant_type`, one file each. */
const GRANTS: ReadonlyMap<string, Grant> = new Map([
  ['authorization_code', authorizationCode],
  ['client_credentials', clientCredentials],
  ['device_code', deviceCode],
  ['password', password],
  ['refresh_token', refreshToken],
  ['urn:ietf:params:oauth:grant-type:device_code', deviceCode],
]);

/** What any grant reads. None may come twice, even where the grant at hand does not read it (RFC 6749 section 3.2). */
const KNOWN_FIELDS = [
  'grant_type',
  'client_id',
  'client_secret',
  'client_assertion',
  'client_assertion_type',
  'resource',
  'scope',
  'code',
  'redirect_uri',
  'code_verifier',
  'refresh_token',
  'device_code',
  'username',
  'password',
];

export interface TokenService {
  /** The answer's body, members in the documented order. Throws `OAuthError`. */
  token(request: TokenRequest): Promise<object>;
}

export function createTokenService(parts: GrantParts): TokenService {
  return {
    async token(request) {
      if (!isTenantless(request.tenant)) await requiredTenant(parts.directory, request.tenant);
      for (const name of KNOWN_FIELDS) optionalField(request.form, name);
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
