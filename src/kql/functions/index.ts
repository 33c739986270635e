import { arithmetic } from './arithmetic.ts';
import { bits } from './bits.ts';
import { comparison } from './comparison.ts';
import { conditional } from './conditional.ts';
import { internal } from './internal.ts';
import { logic } from './logic.ts';
import { math } from './math.ts';
import type { FunctionFamily } from './registry.ts';
import { rounding } from './rounding.ts';

/** Every scalar function and operator, by its name in KQL. A name twice would hide one entry: a test forbids it. */
export const FUNCTIONS: FunctionFamily = {
  ...rounding,
  ...math,
  ...conditional,
  ...bits,
  ...arithmetic,
  ...comparison,
  ...internal,
  ...logic,
};
