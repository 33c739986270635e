import type { ScalarProgram } from '../contract.ts';
import { geoPrograms } from './geo/programs.ts';

/** Scalar functions that the engine cannot compute, by name: they run in a worker beside it. */
export const SCALARS: Readonly<Record<string, ScalarProgram>> = { ...geoPrograms };
