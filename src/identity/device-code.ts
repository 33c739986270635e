import { randomBytes, randomInt } from 'node:crypto';
import {
  findDeviceCode,
  insertDeviceCode,
  moveDeviceCode,
  type StoredDeviceCode,
} from '../store/device-codes.ts';
import { type Application, applicationAnywhere } from './directory/applications.ts';
import { now } from './directory/parts.ts';
import type { User } from './directory/users.ts';
import { tenantlessClient } from './grants/client-of-user.ts';
import { type Asked, type Target, targetOf } from './target.ts';
import { hashOf } from './token-family.ts';
import {
  type GrantParts,
  isTenantless,
  namedClient,
  optionalField,
  proveClient,
  requiredTenant,
  type TokenRequest,
} from './token-request.ts';

const DEVICE_CODE_LIFE_SECONDS = 900;
export const POLL_SECONDS = 5;

/** No vowels, so that no words appear, and nothing that looks like something else. */
const ALPHABET = 'BCDFGHJKLMNPQRSTVWXZ';
const USER_CODE_CHARS = 9;

/**
 * A code for a device without a browser. `pageUrl` is where its user goes. Throws `OAuthError`.
 * Source: https://learn.microsoft.com/entra/identity-platform/v2-oauth2-device-code, RFC 8628
 */
export async function issueDeviceCode(
  parts: GrantParts,
  request: TokenRequest,
  pageUrl: string,
): Promise<object> {
  const app = await deviceClient(parts, request);
  const asked: Asked = {
    endpoint: request.endpoint,
    resource: optionalField(request.form, 'resource'),
    scope: optionalField(request.form, 'scope'),
  };
  targetOf(parts.address, app, asked);
  const deviceCode = randomBytes(32).toString('base64url');
  const userCode = await insert(parts, request, app, asked, deviceCode);
  const { v1NumbersAsStrings } = parts;
  const number = (value: number) => (request.endpoint === 1 && v1NumbersAsStrings ? String(value) : value);
  return {
    user_code: userCode,
    device_code: deviceCode,
    [request.endpoint === 1 ? 'verification_url' : 'verification_uri']: pageUrl,
    expires_in: number(DEVICE_CODE_LIFE_SECONDS),
    interval: number(POLL_SECONDS),
    // Clients show it as it is, and some cut the address out of it.
    message: `To sign in, use a web browser to open the page ${pageUrl} and enter the code ${userCode} to authenticate.`,
  };
}

/** What a user is asked about. */
export interface DeviceRequest {
  readonly code: StoredDeviceCode;
  readonly app: Application;
  readonly target: Target;
}

/** The request behind a code that a person typed, in any case and with any blanks or dashes; undefined for none. */
export async function deviceRequest(parts: GrantParts, typed: string): Promise<DeviceRequest | undefined> {
  const userCode = typed.replace(/[\s-]/g, '').toUpperCase();
  if (userCode.length !== USER_CODE_CHARS) return undefined;
  const directory = parts.directory.parts;
  const code = await findDeviceCode(directory.store.db, { userCode });
  if (code === undefined || code.state !== 'pending' || code.expiresAt.getTime() <= parts.clock.nowMs()) {
    return undefined;
  }
  const app = isTenantless(code.tenant)
    ? await applicationAnywhere(directory, code.application)
    : await parts.directory.application(code.tenant, code.application);
  if (app === undefined) return undefined;
  const asked: Asked = JSON.parse(code.grant);
  return { code, app, target: targetOf(parts.address, app, asked) };
}

/** The user's answer; false when the code was answered by then. */
export async function answerDevice(
  parts: GrantParts,
  request: DeviceRequest,
  user: User,
  isApproved: boolean,
): Promise<boolean> {
  const state = isApproved ? 'approved' : 'declined';
  return moveDeviceCode(parts.directory.parts.store.db, request.code.hash, 'pending', state, user.id);
}

async function deviceClient(parts: GrantParts, request: TokenRequest): Promise<Application> {
  if (isTenantless(request.tenant)) {
    return tenantlessClient(parts, optionalField(request.form, 'client_id') ?? '');
  }
  const tenant = await requiredTenant(parts.directory, request.tenant);
  const app = await namedClient(request, tenant, parts.directory);
  if (!app.isPublic) await proveClient(parts, request, tenant, app);
  return app;
}

async function insert(
  parts: GrantParts,
  request: TokenRequest,
  app: Application,
  asked: Asked,
  deviceCode: string,
): Promise<string> {
  const at = now(parts.directory.parts);
  const tenant = isTenantless(request.tenant)
    ? request.tenant.toLowerCase()
    : (await requiredTenant(parts.directory, request.tenant)).id;
  for (;;) {
    const userCode = Array.from({ length: USER_CODE_CHARS }, () => ALPHABET[randomInt(ALPHABET.length)]).join(
      '',
    );
    const code = {
      hash: hashOf(deviceCode),
      userCode,
      tenant,
      application: app.id,
      grant: JSON.stringify(asked),
      expiresAt: new Date(at.getTime() + DEVICE_CODE_LIFE_SECONDS * 1000),
    };
    // Ended codes are kept for a day, so that a late client learns that they have ended.
    if (await insertDeviceCode(parts.directory.parts.store.db, code, new Date(at.getTime() - 86_400_000))) {
      return userCode;
    }
  }
}
