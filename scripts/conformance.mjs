// Runs the language's cases and shows what fails: `node scripts/conformance.mjs [peer|docs|hunting] [options]`.
// The TypeScript sources are loaded as they are, so nothing has to be built first.
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createViteServer } from 'vitest/node';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const vite = await createViteServer({
  root,
  configFile: false,
  appType: 'custom',
  logLevel: 'error',
  server: { middlewareMode: true, ws: false, watch: null, hmr: false },
  optimizeDeps: { noDiscovery: true, include: [] },
});

if (process.argv.includes('--worker')) {
  const { work } = await vite.ssrLoadModule('/test/conformance/worker.ts');
  process.once('message', async (order) => {
    try {
      await work(order, (message) => process.send?.(message));
    } catch (error) {
      console.error(error);
      process.exitCode = 1;
    }
    await vite.close();
    process.disconnect?.();
  });
} else {
  const { main } = await vite.ssrLoadModule('/test/conformance/command.ts');
  process.exitCode = await main(process.argv.slice(2));
  await vite.close();
}
