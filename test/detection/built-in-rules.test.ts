import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { readRuleCases } from '../../src/detection/rule-cases.ts';
import { ROOT } from '../built.ts';
import { runCli } from '../server.ts';

const FOLDER = `${ROOT}rules`;

describe('the rules that come with Spoor', () => {
  it('trip on their events, and on no others', async () => {
    for (const { name, trip, quiet, expected } of readRuleCases(FOLDER)) {
      expect(trip, name).not.toEqual([]);
      expect(quiet, name).not.toEqual([]);
      expect(expected?.length, name).toBeGreaterThan(0);
    }
    const { code, stdout } = await runCli(['rule', 'test', FOLDER]);
    expect(code, stdout).toBe(0);
  }, 240_000);

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
