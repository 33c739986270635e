import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { SuiteName } from './cases.ts';
import { isFailure, type Outcome } from './outcome.ts';

/** Case id -> what fails today: the result and, for a refusal or an engine error, its reason. */
export type KnownFailures = Readonly<Record<string, string>>;

function fileOf(suite: SuiteName): string {
  return join(import.meta.dirname, `known-failures.${suite}.json`);
}

export function readKnownFailures(suite: SuiteName): KnownFailures {
  return JSON.parse(readFileSync(fileOf(suite), 'utf8')) as KnownFailures;
}

/** Replaces the list by the failures of a whole run. Expected rows are never written. */
export function writeKnownFailures(suite: SuiteName, outcomes: readonly Outcome[]): void {
  const failures = outcomes
    .filter(isFailure)
    .map((outcome) => [
      outcome.id,
      outcome.reason === outcome.result ? outcome.result : `${outcome.result}: ${outcome.reason}`,
    ])
    .sort(([left = ''], [right = '']) => (left < right ? -1 : 1));
  writeFileSync(fileOf(suite), `${JSON.stringify(Object.fromEntries(failures), null, 2)}\n`);
}

/** Cases whose outcome differs from the list, each way. */
export function unexpected(known: KnownFailures, outcomes: readonly Outcome[]) {
  const failing = outcomes.filter(isFailure);
  const failingIds = new Set(failing.map(({ id }) => id));
  return {
    newlyFailing: failing
      .filter(({ id }) => !Object.hasOwn(known, id))
      .map(({ id, result, reason }) => `${id}: ${result} ${reason}`),
    newlyPassing: Object.keys(known).filter((id) => !failingIds.has(id)),
  };
}
