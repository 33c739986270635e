import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { HUNTING_ROLES, signedIn } from '../clients/signed-in.ts';
import { startTestServer } from '../server.ts';

describe('quotas', () => {
  test('hold for all APIs together, survive a restart, and count what was measured', async () => {
    const strict = await signedIn({ SPOOR_QUOTAS: '2020-12', SPOOR_QUOTA_CALLS: '4' }, HUNTING_ROLES);
    try {
      const run = await strict.call('/api/advancedhunting/run', {
        Query: 'range i from 1 to 3000000 step 1 | summarize dcount(i)',
      });
      const seconds = JSON.parse(run.text).Stats.ExecutionTime as number;
      const standing = JSON.parse((await strict.call('/spoor/quota')).text);
      expect(standing).toMatchObject({
        profile: '2020-12',
        limits: { callsPerMinute: { allowed: 4, used: 1 } },
      });
      const used = standing.limits.runningTimePerHour.used as number;
      expect(used).toBeGreaterThan(0);
      expect(used).toBeLessThanOrEqual(seconds);
      await strict.call('/api/advancedqueries/run', { Query: 'print 1' });
      await strict.call('/v1.0/security/runHuntingQuery', { Query: 'print 1' });
      await strict.call('/v2/rest/query', { csl: 'print 1' });
      for (const [path, code] of [
        ['/api/advancedhunting/run', 'TooManyRequests'],
        ['/api/advancedqueries/run', 'TooManyRequests'],
        ['/v1.0/security/runHuntingQuery', 'TooManyRequests'],
        ['/v2/rest/query', 'TooManyRequests'],
      ] as const) {
        const { status, headers, text } = await strict.call(path, { Query: 'print 1', csl: 'print 1' });
        expect([status, JSON.parse(text).error.code]).toEqual([429, code]);
        expect(Number(headers.get('retry-after'))).toBeGreaterThan(0);
        expect(text).toContain('Maximum allowed 4 per 00:01:00');
      }
      await strict.server.stop();
      const again = await startTestServer([], { SPOOR_QUOTA_CALLS: '4' }, strict.server.data);
      try {
        const key = readFileSync(join(again.data, 'cli.key'), 'utf8').trim();
        const refused = await fetch(`${again.url}/spoor/admin/query`, {
          method: 'POST',
          headers: { authorization: `SpoorKey ${key}` },
          body: '{"Query":"print 1"}',
        });
        expect(refused.status).toBe(429);
      } finally {
        await again.stop();
      }
    } finally {
      await strict.stop();
    }
  });
});
