// npm run soak: a server under steady load (test/load/soak.ts), then a poller of detections amid kills
// (test/load/poller-soak.ts).
import { runCompiled } from './compiled.mjs';

runCompiled('test/load/soak.ts');
if (process.exitCode === 0) runCompiled('test/load/poller-soak.ts');
