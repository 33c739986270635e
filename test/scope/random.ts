/** Random choices that a seed repeats (mulberry32). */
export interface Random {
  /** 0 to n - 1. */
  below(n: number): number;
  /** True in so many of a hundred cases. */
  percent(n: number): boolean;
  one<T>(choices: readonly T[]): T;
}

export function createRandom(seed: number): Random {
  let state = seed >>> 0;
  function next(): number {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }
  const below = (n: number) => Math.floor(next() * n);
  return {
    below,
    percent: (n) => below(100) < n,
    one(choices) {
      const found = choices[below(choices.length)];
      if (found === undefined) throw new Error('nothing to choose from');
      return found;
    },
  };
}
