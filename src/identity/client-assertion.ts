import { createHash } from 'node:crypto';
import { decodeProtectedHeader, errors, importSPKI, type JWTPayload, jwtVerify } from 'jose';
import { firstUseOfAssertion } from '../store/client-assertions.ts';
import { type Certificate, listCertificates } from './directory/certificates.ts';
import type { Application, Tenant } from './directory.ts';
import { OAuthError } from './oauth-error.ts';
import { mirroredOrigin } from './server-address.ts';
import type { GrantParts, TokenRequest } from './token-request.ts';

export const ASSERTION_TYPE = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';
export const ASSERTION_ALGORITHMS = ['RS256', 'PS256'];

const MAX_CHARS = 16_384;
/** Clocks may differ by this. */
const TOLERANCE_SECONDS = 300;
/** The longest life of an assertion, so that what was used need be remembered for no longer. */
const LONGEST_SECONDS = 24 * 3600;

interface Sent {
  readonly request: TokenRequest;
  readonly tenant: Tenant;
  readonly app: Application;
  readonly assertion: string;
  readonly type: string;
}

/**
 * Proves a client by a JWT that it signed with the key of a registered certificate. The key is found by the
 * certificate's thumbprint and nothing else: keys and addresses of keys in the header are not looked at. Throws
 * `OAuthError`.
 * Source: https://learn.microsoft.com/entra/identity-platform/certificate-credentials, RFC 7523
 */
export async function checkAssertion(parts: GrantParts, sent: Sent): Promise<void> {
  const { app, assertion } = sent;
  if (sent.type !== ASSERTION_TYPE)
    throw new OAuthError('invalidInput', 'The client_assertion_type is not known.');
  const { payload, certificate } = await verified(parts, sent);
  const at = parts.clock.nowMs();
  const earliest = certificate.notBefore.getTime() - TOLERANCE_SECONDS * 1000;
  if (at < earliest || at >= certificate.notAfter.getTime()) {
    throw new OAuthError(
      'assertionTime',
      'The certificate of the client assertion is not within its time range.',
    );
  }
  if (payload.iss?.toLowerCase() !== app.id || payload.sub?.toLowerCase() !== app.id) {
    throw new OAuthError(
      'assertionClient',
      "Client assertion application identifier doesn't match 'client_id' parameter.",
    );
  }
  if (
    typeof payload.aud !== 'string' ||
    !(await audiences(parts, sent)).has(payload.aud.replace(/\/$/, ''))
  ) {
    throw new OAuthError(
      'assertionAudience',
      'Client assertion audience claim does not match the token endpoint.',
    );
  }
  const endsAt = (payload.exp ?? 0) * 1000;
  if (endsAt - at > LONGEST_SECONDS * 1000) {
    throw new OAuthError('assertionTime', 'Client assertion is valid for longer than a day.');
  }
  await refuseReplay(parts, sent, payload.jti ?? digest(assertion), endsAt + TOLERANCE_SECONDS * 1000);
}

async function verified(
  parts: GrantParts,
  { app, assertion }: Sent,
): Promise<{ readonly payload: JWTPayload; readonly certificate: Certificate }> {
  if (assertion.length > MAX_CHARS) throw unproved();
  try {
    const header = decodeProtectedHeader(assertion);
    if (!ASSERTION_ALGORITHMS.includes(header.alg ?? '')) throw unproved();
    const certificate = (await listCertificates(parts.directory.parts, app)).find((known) =>
      names(header, known),
    );
    if (certificate === undefined) throw unproved();
    const key = await importSPKI(certificate.publicKeyPem, header.alg ?? '');
    const { payload } = await jwtVerify(assertion, key, {
      algorithms: ASSERTION_ALGORITHMS,
      currentDate: new Date(parts.clock.nowMs()),
      clockTolerance: TOLERANCE_SECONDS,
      requiredClaims: ['iss', 'sub', 'aud', 'exp'],
    });
    return { payload, certificate };
  } catch (error) {
    if (error instanceof OAuthError) throw error;
    const timely =
      error instanceof errors.JWTExpired ||
      (error instanceof errors.JWTClaimValidationFailed && error.claim === 'nbf');
    if (timely) throw new OAuthError('assertionTime', 'Client assertion is not within its valid time range.');
    if (error instanceof errors.JOSEError || error instanceof TypeError) throw unproved();
    throw error;
  }
}

/** `x5t` and `x5t#S256` are thumbprints; MSAL writes the former for RS256, the latter for PS256; others write `kid` in hex. */
function names(header: Readonly<Record<string, unknown>>, { x5t, x5tS256 }: Certificate): boolean {
  const { x5t: sha1, 'x5t#S256': sha256, kid } = header;
  if (typeof sha256 === 'string') return sha256 === x5tS256;
  if (typeof sha1 === 'string') return sha1 === x5t || sameHex(sha1, x5t);
  return typeof kid === 'string' && (kid === x5t || kid === x5tS256 || sameHex(kid, x5t));
}

function sameHex(text: string, thumbprint: string): boolean {
  return text.toLowerCase() === Buffer.from(thumbprint, 'base64url').toString('hex');
}

/**
 * Where an assertion may be addressed to: this tenant's token endpoints, under the names by which a client can have
 * reached them, or the issuer. An assertion made for another server never fits (RFC 7523 section 3).
 */
async function audiences(parts: GrantParts, { request, tenant }: Sent): Promise<ReadonlySet<string>> {
  const { address } = parts;
  const origins = [address.primary(), ...address.others, request.origin, mirroredOrigin(address, undefined)];
  const segments = new Set([tenant.id, request.tenant, request.tenant.toLowerCase()]);
  const paths = ['oauth2/token', 'oauth2/v2.0/token', 'v2.0', ''];
  return new Set(
    origins.flatMap((origin) =>
      [...segments].flatMap((segment) =>
        paths.map((path) => `${origin}/${segment}/${path}`.replace(/\/$/, '')),
      ),
    ),
  );
}

/**
 * The published client libraries send one assertion with every token request of ten minutes, so `never` breaks them;
 * from another address it is a stolen one either way.
 */
async function refuseReplay(parts: GrantParts, sent: Sent, jti: string, endsAtMs: number): Promise<void> {
  const { isNew, address } = await firstUseOfAssertion(
    parts.directory.parts.store.db,
    { application: sent.app.id, jti: digest(jti), address: sent.request.remoteAddress },
    new Date(parts.clock.nowMs()),
    new Date(endsAtMs),
  );
  if (isNew) return;
  if (parts.policy.assertionReuse === 'same-address' && address === sent.request.remoteAddress) return;
  throw new OAuthError('assertionReused', 'The client assertion has been used before.');
}

function unproved(): OAuthError {
  return new OAuthError(
    'badAssertion',
    'The client assertion failed signature validation with the certificates that are registered for the application.',
  );
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('base64url');
}
