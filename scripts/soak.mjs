// npm run soak: a server under steady load (test/load/soak.ts), a poller of detections amid kills
// (test/load/poller-soak.ts), then random queries with the compiler's passes and without (test/load/passes-soak.ts).
import { runCompiled } from './compiled.mjs';

runCompiled('test/load/soak.ts');
if (process.exitCode === 0) runCompiled('test/load/poller-soak.ts');
if (process.exitCode === 0) runCompiled('test/load/passes-soak.ts');
