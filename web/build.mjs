// Fills web/dist/. The page has no sources to compile yet: its one document is taken over as it is.
import { cpSync, mkdirSync } from 'node:fs';

const dist = new URL('dist/', import.meta.url);
mkdirSync(dist, { recursive: true });
cpSync(new URL('index.html', import.meta.url), new URL('index.html', dist));
