import { expect, test } from 'vitest';
import { createFairQueue } from './queue.ts';

test('tenants take turns, whatever the length of their lines', async () => {
  const queue = createFairQueue(1);
  const first = await queue.take('a');
  const served: string[] = [];
  const all = ['a', 'a', 'a', 'b', 'a', 'b', 'c'].map(async (tenant, i) => {
    const release = await queue.take(tenant);
    served.push(`${tenant}${i}`);
    release();
  });
  expect(queue.waiting).toBe(7);
  first();
  await Promise.all(all);
  expect(served).toEqual(['a0', 'b3', 'c6', 'a1', 'b5', 'a2', 'a4']);
  expect(queue.running).toBe(0);
});

test('no more run than there are slots, and a slot is given back once', async () => {
  const queue = createFairQueue(2);
  const releases = [await queue.take('a'), await queue.take('a')];
  const third = queue.take('a');
  const fourth = queue.take('b');
  expect([queue.running, queue.waiting]).toEqual([2, 2]);
  releases[0]?.();
  releases[0]?.();
  await third;
  expect([queue.running, queue.waiting]).toEqual([2, 1]);
  releases[1]?.();
  await fourth;
  expect([queue.running, queue.waiting]).toEqual([2, 0]);
});

test('whoever leaves the line takes no slot', async () => {
  const queue = createFairQueue(1);
  const release = await queue.take('a');
  const leaving = new AbortController();
  const left = queue.take('b', leaving.signal);
  const stays = queue.take('c');
  leaving.abort(new Error('gone'));
  await expect(left).rejects.toThrow('gone');
  release();
  (await stays)();
  expect([queue.running, queue.waiting]).toEqual([0, 0]);
  await expect(queue.take('a', leaving.signal)).rejects.toThrow('gone');
});
