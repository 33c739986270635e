// npm run bench: questions against hand-written SQL. npm run bench -- compile: how long compiling takes.
import { runCompiled } from './compiled.mjs';

const [first, ...others] = process.argv.slice(2);
if (first === 'compile') runCompiled('bench/compile.ts', others);
else runCompiled('bench/run.ts', process.argv.slice(2));
