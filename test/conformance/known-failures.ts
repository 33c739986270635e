import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { SuiteName } from './cases.ts';
import { isFailure, type Outcome } from './outcome.ts';

/** A case that is known to fail. */
export interface KnownFailure {
  /** The result and, for a refusal or an engine error, its reason. */
  readonly fails: string;
  /** Why today's answer stays: what contradicts the case, or what it would take. Empty until somebody has looked. */
  readonly why: string;
}

/** By case id. */
export type KnownFailures = Readonly<Record<string, KnownFailure>>;

function fileOf(suite: SuiteName): string {
  return join(import.meta.dirname, `known-failures.${suite}.json`);
}

export function readKnownFailures(suite: SuiteName): KnownFailures {
  return JSON.parse(readFileSync(fileOf(suite), 'utf8')) as KnownFailures;
}

/**
 * Replaces the list by the failures of a whole run; who failed before keeps its explanation, a new one is to be
 * explained by hand. Expected rows are never written.
 */
export function writeKnownFailures(suite: SuiteName, outcomes: readonly Outcome[]): void {
  const known = readKnownFailures(suite);
  const failures = outcomes
    .filter(isFailure)
    .map((outcome): [string, KnownFailure] => [
      outcome.id,
      { fails: failureOf(outcome), why: known[outcome.id]?.why ?? '' },
    ])
    .sort(([left], [right]) => (left < right ? -1 : 1));
  writeFileSync(fileOf(suite), `${JSON.stringify(Object.fromEntries(failures), null, 2)}\n`);
}

function failureOf({ result, reason }: Outcome): string {
  return reason === result ? result : `${result}: ${reason}`;
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
