import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, describe, expect, it } from 'vitest';
import { createSpool, spoolStream } from './spool.ts';

const folder = mkdtempSync(join(tmpdir(), 'spoor-spool-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('spool', () => {
  it.each([0, 10, 1_000_000])('gives back what was written with %i bytes of memory', async (memory) => {
    const spool = createSpool(folder, memory);
    const pieces = [
      'one',
      'zwölf',
      'x'.repeat(700_000),
      ...Array.from({ length: 1000 }, (_, i) => `${i} — `.repeat(30)),
    ];
    for (const piece of pieces) await spool.write(piece);
    expect(spool.bytes).toBe(Buffer.byteLength(pieces.join('')));
    expect(await text(spoolStream('<', spool, '>'))).toBe(`<${pieces.join('')}>`);
    expect(await text(spoolStream('', spool, ''))).toBe(pieces.join(''));
    await spool.dispose();
    await spool.dispose();
  });

  it('leaves no name on the disk while it is open', async () => {
    const spool = createSpool(folder, 0);
    await spool.write('secret'.repeat(100_000));
    expect(readdirSync(folder)).toEqual([]);
    await spool.dispose();
  });
});
