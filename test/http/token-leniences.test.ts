import { decodeJwt } from 'jose';
import { describe, expect, test } from 'vitest';
import { TENANT } from './server.ts';
import { basic, FORM, form, type Sent, useTokenRequests, V1, V2, XDR } from './token-requests.ts';

const tokens = useTokenRequests();

describe('leniences', () => {
  const accepted: Record<string, () => Promise<Sent>> = {
    'names with blanks around them': () =>
      tokens.post(
        V1,
        `resource=${XDR}&client_id=${tokens.client.clientId}&client_secret=${tokens.client.clientSecret}&        grant_type=client_credentials`,
      ),
    'no content type': () => tokens.post(V1, tokens.v1()),
    'a content type with a charset': () =>
      tokens.post(V1, tokens.v1(), { 'content-type': `${FORM['content-type']}; charset=utf-8` }),
    'a content type of JSON over a form': () =>
      tokens.post(V1, tokens.v1(), { 'content-type': 'application/json' }),
    'tenant and client id in capitals': () =>
      tokens.post(
        V1.replace(TENANT, TENANT.toUpperCase()),
        tokens.v1({ client_id: tokens.client.clientId.toUpperCase() }),
      ),
    'the path in capitals, a slash at its end and doubled': () =>
      tokens.post(`/${TENANT}//OAuth2/Token/`, tokens.v1()),
    'the tenant by its domain': () => tokens.post(V1.replace(TENANT, 'Example.org'), tokens.v1()),
    'a query string': () => tokens.post(`${V2}?client-request-id=1`, tokens.v2()),
    'unknown fields': () =>
      tokens.post(
        V2,
        tokens.v2({ client_info: '1', 'x-client-SKU': 'msal', __proto__x: '1', redirectUri: 'x' }),
      ),
    'a bearer header beside the body': () =>
      tokens.post(V1, tokens.v1(), { authorization: `Bearer ${tokens.client.clientSecret}` }),
    'a basic header alone': () =>
      tokens.post(
        V1,
        form({ grant_type: 'client_credentials', resource: XDR }),
        basic(tokens.client.clientId, tokens.client.clientSecret),
      ),
    'a basic header, percent-encoded': () =>
      tokens.post(
        V1,
        form({ grant_type: 'client_credentials', resource: XDR }),
        basic(percent(tokens.client.clientId), percent(tokens.client.clientSecret)),
      ),
    'a resource with a slash': () => tokens.post(V1, tokens.v1({ resource: `${XDR}/` })),
    'a resource in capitals': () => tokens.post(V1, tokens.v1({ resource: XDR.toUpperCase() })),
    'a scope whose resource ends in a slash': () =>
      tokens.post(V2, tokens.v2({ scope: 'https://management.core.windows.net//.default' })),
    'two scopes, one of them for sign-in': () =>
      tokens.post(V2, tokens.v2({ scope: 'offline_access%20https://security.microsoft.com/mtp/.default' })),
    'scope and resource at once': () => tokens.post(V2, tokens.v2({ resource: XDR })),
    'an old resource': () =>
      tokens.post(V1, tokens.v1({ resource: 'https://WDATPAlertExport.Seville.onmicrosoft.com' })),
  };
  test.each(Object.keys(accepted))('takes %s', async (name) => {
    const sent = await accepted[name]?.();
    expect(sent?.body).toMatchObject({ token_type: 'Bearer', access_token: expect.any(String) });
    expect(sent?.status).toBe(200);
  });

  test('a trailing slash that was asked for is in the audience', async () => {
    const { body } = await tokens.post(
      V2,
      tokens.v2({ scope: 'https://management.core.windows.net//.default' }),
    );
    expect(decodeJwt(String(body['access_token'])).aud).toBe('https://management.core.windows.net/');
  });
});

function percent(text: string): string {
  return [...text].map((char) => `%${char.charCodeAt(0).toString(16)}`).join('');
}
