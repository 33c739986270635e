import { findDeviceCode, moveDeviceCode, notePoll, type StoredDeviceCode } from '../../store/device-codes.ts';
import { POLL_SECONDS } from '../device-code.ts';
import { now } from '../directory/parts.ts';
import type { Tenant } from '../directory.ts';
import { OAuthError } from '../oauth-error.ts';
import { type Asked, targetOf } from '../target.ts';
import { hashOf } from '../token-family.ts';
import {
  type GrantParts,
  isTenantless,
  optionalField,
  requiredField,
  requiredTenant,
  type TokenRequest,
} from '../token-request.ts';
import { answerSignIn } from '../user-answer.ts';
import { provedClient, tenantlessClient, userOfGrant } from './client-of-user.ts';

/** A client's timer may be a little early. */
const EARLY_MS = 1000;

/**
 * A device's code for tokens, once its user has agreed. The code is taken as `device_code` or, as some clients send it,
 * as `code`.
 * Source: https://learn.microsoft.com/entra/identity-platform/v2-oauth2-device-code, RFC 8628 section 3.5
 */
export async function deviceCode(parts: GrantParts, request: TokenRequest): Promise<object> {
  const { form } = request;
  const directory = parts.directory.parts;
  const text =
    optionalField(form, 'device_code') ?? optionalField(form, 'code') ?? requiredField(form, 'device_code');
  const code = await findDeviceCode(directory.store.db, { hash: hashOf(text) });
  const clientId = (optionalField(form, 'client_id') ?? request.basic?.id)?.toLowerCase();
  if (code === undefined || code.application !== clientId) throw badCode();
  await refuseOtherTenant(parts, request, code);
  await refuseUnanswered(parts, code);
  const user = await userOfGrant(parts, code.user ?? '');
  const tenant = await requiredTenant(parts.directory, user.tenant);
  const client = await provedClient(parts, request, tenant);
  if (!(await moveDeviceCode(directory.store.db, code.hash, 'approved', 'used', undefined))) throw badCode();
  const held: Asked = JSON.parse(code.grant);
  const asked = { ...held, endpoint: request.endpoint };
  const target = targetOf(parts.address, client.app, asked);
  return answerSignIn(parts, request, { ...client, user, asked, target });
}

async function refuseOtherTenant(
  parts: GrantParts,
  request: TokenRequest,
  code: StoredDeviceCode,
): Promise<void> {
  if (isTenantless(request.tenant)) {
    await tenantlessClient(parts, code.application);
    return;
  }
  const asked: Tenant = await requiredTenant(parts.directory, request.tenant);
  if (asked.id !== code.tenant && !isTenantless(code.tenant)) throw badCode();
}

/** Says what a client waits for. Throws `OAuthError` unless a user has agreed. */
async function refuseUnanswered(parts: GrantParts, code: StoredDeviceCode): Promise<void> {
  const directory = parts.directory.parts;
  const at = now(directory);
  if (code.state === 'used') throw badCode();
  if (code.expiresAt.getTime() <= at.getTime()) {
    throw new OAuthError('expiredDeviceCode', 'The provided value for the device code has expired.');
  }
  if (code.state === 'declined') {
    throw new OAuthError('authorizationDeclined', 'The user denied the request.');
  }
  if (code.state === 'approved') return;
  const since =
    code.polledAt === undefined ? Number.POSITIVE_INFINITY : at.getTime() - code.polledAt.getTime();
  await notePoll(directory.store.db, code.hash, at);
  if (since < POLL_SECONDS * 1000 - EARLY_MS) {
    throw new OAuthError('slowDown', `The client asks more often than every ${POLL_SECONDS} seconds.`);
  }
  throw new OAuthError(
    'authorizationPending',
    'OAuth 2.0 device flow error. Authorization is pending. Continue polling.',
  );
}

function badCode(): OAuthError {
  return new OAuthError('badVerificationCode', 'Bad verification code received.');
}
