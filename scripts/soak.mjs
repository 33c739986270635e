// npm run soak: a server under steady load; see test/load/soak.ts.
import { runCompiled } from './compiled.mjs';

runCompiled('test/load/soak.ts');
