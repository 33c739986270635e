// Runs public hunting queries over recorded attacks and prints docs/public-queries.md. Needs the folder of both
// (SPOOR_SHARED), and says so where it is absent.
import { runCompiled } from './compiled.mjs';

runCompiled('bench/public-queries.ts');
