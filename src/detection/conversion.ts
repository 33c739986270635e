import type { Conversion } from './converted.ts';
import { convertSentinel } from './sentinel.ts';
import { convertSigma } from './sigma/convert.ts';

export type { Conversion } from './converted.ts';

/** Rules of another system as rules of ours, each with its reason where that cannot be. Never throws on any text. */
export function convertRules(from: 'sigma' | 'sentinel', text: string): readonly Conversion[] {
  return from === 'sigma' ? convertSigma(text) : convertSentinel(text);
}
