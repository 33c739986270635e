import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, describe, expect, it } from 'vitest';
import { createSpools, spoolStream } from './spool.ts';

const folder = mkdtempSync(join(tmpdir(), 'spoor-spool-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('spool', () => {
  it.each([0, 10, 1_000_000])('gives back what was written with %i bytes of memory', async (memory) => {
    const spool = createSpools(folder, memory)();
    const pieces = [
      'one',
      'zwölf',
      'x'.repeat(700_000),
      ...Array.from({ length: 1000 }, (_, i) => `${i} — `.repeat(30)),
    ];
    for (const piece of pieces) await spool.write(Buffer.from(piece));
    expect(spool.bytes).toBe(Buffer.byteLength(pieces.join('')));
    expect(await text(spoolStream('<', spool, '>'))).toBe(`<${pieces.join('')}>`);
    expect(await text(spoolStream('', spool, ''))).toBe(pieces.join(''));
    await spool.dispose();
    await spool.dispose();
  });

  it('leaves no name on the disk while it is open', async () => {
    const spool = createSpools(folder, 0)();
    await spool.write(Buffer.from('secret'.repeat(100_000)));
    expect(readdirSync(folder)).toEqual([]);
    await spool.dispose();
  });

  it('shares its memory among all answers, and gets it back', async () => {
    const open = createSpools(folder, 10);
    const [one, other, third] = [open(), open(), open()];
    const piece = Buffer.from('12345678');
    await one.write(piece);
    piece.fill('x');
    await other.write(Buffer.from('abc'));
    expect(one.held).toHaveLength(1);
    expect(other.held).toBeUndefined();
    expect(await text(spoolStream('', one, ''))).toBe('12345678');
    await one.dispose();
    await third.write(Buffer.from('1234567890'));
    expect(third.held).toHaveLength(1);
    await Promise.all([other.dispose(), third.dispose()]);
  });
});
