// Measures the rules of rules/ and prints docs/built-in-rules.md. Needs the folder of recorded attacks (SPOOR_SHARED).
import { runCompiled } from './compiled.mjs';

runCompiled('bench/built-in-rules.ts');
