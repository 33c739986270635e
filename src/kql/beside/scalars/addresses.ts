import type { ScalarProgram } from '../contract.ts';

export const addressPrograms: Readonly<Record<string, ScalarProgram>> = {
  ipv4_range_to_cidr_list: {
    summary: 'The fewest networks that hold all addresses from one to another.',
    page: 'ipv4-range-to-cidr-list-function',
    params: ['string'],
    compute: ([first, last]) => {
      const [from, to] = [numberOf(String(first)), numberOf(String(last))];
      return from === undefined || to === undefined || from > to ? null : networks(from, to);
    },
  },
};

function networks(first: number, last: number): readonly string[] {
  const found: string[] = [];
  for (let from = first; from <= last; ) {
    let bits = 0;
    while (bits < 32 && from % 2 ** (bits + 1) === 0 && from + 2 ** (bits + 1) - 1 <= last) bits++;
    const parts = [24, 16, 8, 0].map((shift) => Math.floor(from / 2 ** shift) % 256);
    found.push(`${parts.join('.')}/${32 - bits}`);
    from += 2 ** bits;
  }
  return found;
}

function numberOf(text: string): number | undefined {
  const match = /^\s*(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})\s*$/.exec(text);
  const parts = match?.slice(1).map(Number);
  return parts?.every((part) => part <= 255) ? parts.reduce((sum, part) => sum * 256 + part, 0) : undefined;
}
