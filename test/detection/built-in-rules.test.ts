import { readdirSync, readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readRuleCases } from '../../src/detection/rule-cases.ts';
import { testRule } from '../../src/detection/rule-test.ts';
import { ROOT } from '../built.ts';
import { startRoom, type TestRoom } from './room.ts';

const FOLDER = `${ROOT}rules`;

describe('the rules that come with Spoor', () => {
  let test: TestRoom;
  beforeAll(async () => {
    test = await startRoom();
  });
  afterAll(() => test?.close());

  it.concurrent.each(readRuleCases(FOLDER))(
    '$name trips on its events, and on no others',
    async (each) => {
      expect(each.trip).not.toEqual([]);
      expect(each.quiet).not.toEqual([]);
      const { outcome, problems } = await testRule({ ingest: test.ingest, room: test.room }, each);
      expect({ outcome, problems }).toEqual({ outcome: 'passed', problems: [] });
    },
    120_000,
  );

  it('say what they are for', () => {
    for (const { name, outcome } of readRuleCases(FOLDER)) {
      if (!outcome.ok) throw new Error(`${name}: ${JSON.stringify(outcome.faults)}`);
      const { techniques, description, recommendedActions, title, references } = outcome.rule;
      expect(techniques, name).not.toEqual([]);
      expect(references, name).not.toEqual([]);
      expect(description, name).not.toBe('');
      expect(recommendedActions, name).not.toBe('');
      expect(title, name).toContain('{{');
    }
  });

  it('are those of the page', () => {
    const page = readFileSync(`${ROOT}docs/built-in-rules.md`, 'utf8');
    const named = [...page.matchAll(/^\| `([a-z0-9-]+)` \|/gm)].map(([, name]) => name);
    expect(named).toEqual(readdirSync(FOLDER).sort());
  });
});
