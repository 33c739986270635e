import { arithmetic } from './arithmetic.ts';
import { comparison } from './comparison.ts';
import { logic } from './logic.ts';
import type { FunctionFamily } from './registry.ts';

/** Every scalar function and operator, by its name in KQL. A name twice would hide one entry: a test forbids it. */
export const FUNCTIONS: FunctionFamily = {
  ...arithmetic,
  ...comparison,
  ...logic,
};
