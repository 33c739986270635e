import { hostEngine } from './process.ts';

/** Entry of the engine process; its one argument is the options as JSON. Ends when standard input does. */
await hostEngine(JSON.parse(process.argv[2] ?? '{}'));
