import type { ScalarProgram } from '../contract.ts';

/** Scalar functions that the engine cannot compute, by name: they run in a worker beside it. */
export const SCALARS: Readonly<Record<string, ScalarProgram>> = {};
