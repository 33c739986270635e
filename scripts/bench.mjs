// npm run bench: questions against hand-written SQL. npm run bench -- compile: how long compiling takes.
// npm run bench -- sigma: public Sigma rules, converted, over recorded events.
import { runCompiled } from './compiled.mjs';

const [first, ...others] = process.argv.slice(2);
if (first === 'compile') runCompiled('bench/compile.ts', others);
else if (first === 'sigma') runCompiled('bench/sigma.ts', others);
else runCompiled('bench/run.ts', process.argv.slice(2));
