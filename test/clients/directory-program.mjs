// Runs Microsoft's own clients against an authority, each as its documentation says for one that is not Azure's. Prints
// JSON: what each was given. A process of its own, since the certificate is read when a process starts.
import { ClientSecretCredential } from '@azure/identity';
import { ConfidentialClientApplication } from '@azure/msal-node';
import { Client, KustoConnectionStringBuilder } from 'azure-kusto-data';
import * as openid from 'openid-client';

const { AUTHORITY, TENANT, CLIENT, SECRET } = process.env;
const SCOPE = 'https://api.security.microsoft.com/.default';

const programs = {
  async msal() {
    const app = new ConfidentialClientApplication(msalConfiguration(SECRET));
    const first = await app.acquireTokenByClientCredential({ scopes: [SCOPE] });
    const again = await app.acquireTokenByClientCredential({ scopes: [SCOPE] });
    return { token: first.accessToken, isCached: again.fromCache, tenant: first.tenantId };
  },
  async msalWrongSecret() {
    const app = new ConfidentialClientApplication(msalConfiguration('wrong'));
    return app.acquireTokenByClientCredential({ scopes: [SCOPE] }).then(
      () => ({}),
      ({ errorCode, errorNo, errorMessage }) => ({ errorCode, errorNo, errorMessage }),
    );
  },
  async identity() {
    const { token, expiresOnTimestamp } = await credential().getToken(SCOPE);
    return { token, minutes: Math.round((expiresOnTimestamp - Date.now()) / 60_000) };
  },
  async kusto() {
    const builder = KustoConnectionStringBuilder.withTokenCredential(AUTHORITY, credential());
    const client = new Client(builder);
    const answer = await client.execute('hunting', 'print x = 42');
    return { rows: answer.primaryResults[0]._rows };
  },
  async openid() {
    // It wants the issuer letter for letter, and a directory writes its tenant in lower case.
    const issuer = new URL(`${AUTHORITY}/${TENANT.toLowerCase()}/v2.0`);
    const configuration = await openid.discovery(issuer, CLIENT, SECRET);
    const { access_token } = await openid.clientCredentialsGrant(configuration, { scope: SCOPE });
    return { token: access_token };
  },
};

function msalConfiguration(clientSecret) {
  const authority = `${AUTHORITY}/${TENANT}`;
  return { auth: { clientId: CLIENT, clientSecret, authority, knownAuthorities: [new URL(AUTHORITY).host] } };
}

function credential() {
  const options = { authorityHost: AUTHORITY, disableInstanceDiscovery: true };
  return new ClientSecretCredential(TENANT, CLIENT, SECRET, options);
}

const results = {};
for (const [name, run] of Object.entries(programs)) {
  results[name] = await run().catch((error) => ({ failure: String(error) }));
}
process.stdout.write(JSON.stringify(results));
