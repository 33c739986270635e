// npm start: installs what is missing, builds, and starts a server with the sample events on the data folder ./data
// (or SPOOR_DATA). Prints its URL, an application's credentials the first time, and a curl that works for an hour.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { build } from './build.mjs';
import { root } from './install.mjs';

process.chdir(root);
try {
  build();
} catch (error) {
  console.error(error.message);
  process.exit(1);
}

const { loadConfig } = await import('../dist/config/load.js');
const { startServer } = await import('../dist/main.js');

const env = { SPOOR_LOG_LEVEL: 'warn', ...process.env };
const { host, port: wantedPort, dataDir } = loadConfig({ flags: {}, env });
const port = process.env.SPOOR_PORT ? wantedPort : await freePortFrom(host, wantedPort);
const config = loadConfig({ flags: { port: String(port) }, env });
const stopped = new Promise((resolve) => process.once('SIGTERM', resolve).once('SIGINT', resolve));
const server = await startServer(config, { sample: true });

const { clientId, clientSecret } = await application();
const token = await server.issueToken(clientId);
if (clientSecret !== undefined) {
  console.log(`
An application was registered. Its secret is shown this once:

  tenant         ${server.tenant}
  client id      ${clientId}
  client secret  ${clientSecret}`);
}
console.log(`
Spoor answers at ${server.url}

Ask it (the token is good for an hour; \`npm start\` prints a new one each time):

curl -sS ${server.url}/api/advancedhunting/run \\
  -H 'Content-Type: application/json' \\
  -H 'Authorization: Bearer ${token}' \\
  -d '{"Query": "DeviceProcessEvents | where ProcessCommandLine has \\"urlcache\\" | project Timestamp, DeviceName, FileName, ProcessCommandLine"}'

Or: npx spoor query 'DeviceNetworkEvents | summarize count() by RemoteUrl'
Ctrl+C stops it.`);

await stopped;
await server.stop();

/** The application that an earlier start registered, else a new one. */
async function application() {
  const file = join(dataDir, 'start.json');
  if (existsSync(file)) {
    const { clientId } = JSON.parse(readFileSync(file, 'utf8'));
    if ((await server.issueToken(clientId)) !== undefined) return { clientId };
  }
  const created = await server.createApplication('npm start', [
    'AdvancedHunting.Read.All',
    'Events.Write.All',
  ]);
  writeFileSync(file, `${JSON.stringify({ clientId: created.clientId })}\n`, { mode: 0o600 });
  return created;
}

/** The first port from this one on that nobody listens on. */
async function freePortFrom(host, first) {
  for (let port = first; port < first + 100; port++) if (await isFree(host, port)) return port;
  return 0;
}

function isFree(host, port) {
  return new Promise((resolve) => {
    const probe = createServer()
      .once('error', () => resolve(false))
      .once('listening', () => probe.close(() => resolve(true)))
      .listen(port, host);
  });
}
