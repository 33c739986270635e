import { deepEqual, equal, ok } from 'node:assert/strict';
import { parseArgs } from 'node:util';
import { runPoller } from '../detection/poller.ts';

/**
 * npm run soak -- [--minutes N] [--kills N]: writers, a rule and a poller, with the server killed at random moments.
 * Fails unless the poller got everything that was written, each once.
 */
const { values } = parseArgs({
  options: { minutes: { type: 'string', default: '10' }, kills: { type: 'string', default: '50' } },
});
const report = await runPoller({
  durationMs: Number(values.minutes) * 60_000,
  kills: Number(values.kills),
  writers: 4,
});
const { written, pulled, polls, kills, ordered } = report;
console.log(
  `poller: ${written.length} written, ${pulled.length} pulled in ${polls} polls, ${kills} kills of the server`,
);
equal(new Set(pulled).size, pulled.length, 'a detection was pulled twice');
deepEqual([...pulled].sort(), [...written].sort(), 'what was pulled is not what was written');
ok(ordered, 'times of commit were not strictly ordered');
