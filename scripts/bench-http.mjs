// npm run bench:http: how many requests a second the interfaces take, against a bare route of the framework.
import { runCompiled } from './compiled.mjs';

runCompiled('bench/http.ts');
