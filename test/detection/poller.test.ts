import { expect, it } from 'vitest';
import { runPoller } from './poller.ts';

/** The short form; `npm run soak` has ten minutes and 50 kills. */
it('a poller gets every detection exactly once, whatever commits and dies meanwhile', async () => {
  const report = await runPoller({ durationMs: 15_000, kills: 3, writers: 4 });
  expect(report.kills).toBe(3);
  expect(report.written.length).toBeGreaterThan(500);
  expect(report.ordered).toBe(true);
  expect(new Set(report.pulled).size).toBe(report.pulled.length);
  expect(new Set(report.pulled)).toEqual(new Set(report.written));
}, 180_000);
