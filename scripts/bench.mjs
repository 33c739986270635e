// npm run bench: the benchmarks of bench/, on the code as it is.
import { runCompiled } from './compiled.mjs';

runCompiled('bench/run.ts');
