import { describe, expect, it } from 'vitest';
import type { CatalogView } from '../../model/table-schema.ts';
import type { BindResult } from './bind.ts';
import { remembered } from './remembered.ts';

function counted() {
  let made = 0;
  return {
    make: (): BindResult => {
      made++;
      return { ok: false, diagnostics: [] };
    },
    made: () => made,
  };
}

const catalog = (): CatalogView => ({}) as CatalogView;

describe('remembered', () => {
  it('makes a text once for each catalogue', () => {
    const { make, made } = counted();
    const [one, other] = [catalog(), catalog()];
    expect(remembered('a', one, make)).toBe(remembered('a', one, make));
    expect(made()).toBe(1);
    remembered('a', other, make);
    expect(made()).toBe(2);
  });

  it('lets go of the text that was not used for the longest time', () => {
    const { make, made } = counted();
    const one = catalog();
    for (let i = 0; i < 256; i++) remembered(`t${i}`, one, make);
    remembered('t0', one, make);
    remembered('new', one, make);
    expect(made()).toBe(257);
    remembered('t0', one, make);
    expect(made()).toBe(257);
    remembered('t1', one, make);
    expect(made()).toBe(258);
  });

  it('keeps no long text, and not too many characters', () => {
    const { make, made } = counted();
    const one = catalog();
    const long = 'x'.repeat(70_000);
    remembered(long, one, make);
    remembered(long, one, make);
    expect(made()).toBe(2);
    const texts = Array.from({ length: 20 }, (_, i) => String.fromCharCode(97 + i).repeat(60_000));
    for (const text of texts) remembered(text, one, make);
    expect(made()).toBe(22);
    remembered(texts[0] ?? '', one, make);
    expect(made()).toBe(23);
  });

  it('keeps nothing of a text that could not be made', () => {
    const one = catalog();
    const fail = (): BindResult => {
      throw new Error('no');
    };
    expect(() => remembered('a', one, fail)).toThrow('no');
    const { make, made } = counted();
    remembered('a', one, make);
    expect(made()).toBe(1);
  });
});
