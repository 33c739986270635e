import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair, type JWTPayload, SignJWT } from 'jose';

type Keys = Awaited<ReturnType<typeof generateKeyPair>>;

/** An issuer of tokens outside the server under test, with a discovery document and keys. */
export interface OutsideIssuer {
  readonly iss: string;
  readonly keys: Keys;
  /** A token of these claims and an hour. */
  sign(claims: JWTPayload): Promise<string>;
  close(): Promise<void>;
}

export const THEIR_KID = 'theirs';

export async function startIssuer(): Promise<OutsideIssuer> {
  const keys = await generateKeyPair('RS256', { extractable: true });
  const jwk = { ...(await exportJWK(keys.publicKey)), kid: THEIR_KID, alg: 'RS256' };
  let iss = '';
  const server = createServer((request, response) => {
    const isKeys = request.url === '/keys';
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify(isKeys ? { keys: [jwk] } : { issuer: iss, jwks_uri: `${iss}/keys` }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  iss = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    iss,
    keys,
    sign: (claims) =>
      new SignJWT({ iss, ...claims })
        .setProtectedHeader({ alg: 'RS256', kid: THEIR_KID })
        .setIssuedAt()
        .setExpirationTime('1h')
        .sign(keys.privateKey),
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}
