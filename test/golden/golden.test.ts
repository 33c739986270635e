import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type GoldenBlock, type GoldenCase, parseGolden, printGolden } from './format.ts';
import { openRecorder, type Recorder } from './record.ts';

const UPDATE = process.env['UPDATE_GOLDEN'] === '1';

let recorder: Recorder;
beforeAll(async () => {
  recorder = await openRecorder();
});
afterAll(() => recorder.close());

/** `UPDATE_GOLDEN=1 npx vitest run test/golden` writes what the compiler and the engine say today. */
describe.each(readdirSync(import.meta.dirname).filter((name) => name.endsWith('.golden')))('%s', (name) => {
  const file = join(import.meta.dirname, name);
  const { preface, cases } = parseGolden(readFileSync(file, 'utf8'));
  const recorded: GoldenCase[] = [];
  afterAll(() => {
    if (UPDATE) writeFileSync(file, printGolden(preface, recorded));
  });

  it.each(cases)('$name', async (golden) => {
    const now = await recorder.record(golden, true);
    recorded.push(now);
    if (!UPDATE) expect(golden.blocks.length, 'a case without blocks: refresh it').toBeGreaterThan(0);
    if (!UPDATE) expect(now.blocks).toEqual(golden.blocks);
    const answers = now.blocks.filter(isAnswer);
    const asked = { ...golden, blocks: answers.length > 0 ? answers : [{ kind: 'rows', text: '' } as const] };
    const optimized = await recorder.record(asked, true);
    const unoptimized = await recorder.record(asked, false);
    expect(unoptimized, 'the passes change the answer').toEqual(optimized);
  });
});

function isAnswer({ kind }: GoldenBlock): boolean {
  return kind === 'rows' || kind === 'rows (ordered)' || kind === 'error';
}
