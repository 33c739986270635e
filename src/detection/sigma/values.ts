import { type FieldTest, SigmaFault, type Value } from './rule.ts';

/**
 * What the modifiers of a test come to.
 * Source: https://sigmahq.io/sigma-specification/specification/sigma-appendix-modifiers.html
 */
export interface Comparison {
  readonly how:
    | 'equals'
    | 'contains'
    | 'startswith'
    | 'endswith'
    | 're'
    | 'cidr'
    | 'exists'
    | 'number'
    | 'fieldref';
  /** Every value must match, not one of them. */
  readonly all: boolean;
  readonly cased: boolean;
  /** For `number`. */
  readonly operator: string;
  /** For `re`: flags in RE2's spelling. */
  readonly flags: string;
  /** For `fieldref`: how the two are compared. */
  readonly refHow: 'equals' | 'contains' | 'startswith' | 'endswith';
  readonly values: readonly Value[];
}

const NUMBERS: Readonly<Record<string, string>> = { lt: '<', lte: '<=', gt: '>', gte: '>=' };
const PLACES = ['contains', 'startswith', 'endswith'] as const;
type Place = (typeof PLACES)[number];

/** Throws `SigmaFault` for a modifier that is not known. */
export function comparisonOf({ field, modifiers, values: given }: FieldTest): Comparison {
  let values = given;
  let how: Comparison['how'] = 'equals';
  let refHow: Comparison['refHow'] = 'equals';
  let operator = '';
  let flags = '';
  let all = false;
  let cased = false;
  for (const [i, modifier] of modifiers.entries()) {
    const place = PLACES.find((name): name is Place => name === modifier);
    if (place !== undefined) {
      if (how === 'fieldref') refHow = place;
      else how = place;
      refHow = place;
    } else if (modifier === 'all') all = true;
    else if (modifier === 'cased') cased = true;
    else if (modifier === 're') how = 're';
    else if (how === 're' && /^[ims]$/.test(modifier)) flags += modifier;
    else if (modifier === 'i' || modifier === 'ignorecase') flags += 'i';
    else if (modifier === 'cidr') how = 'cidr';
    else if (modifier === 'exists') how = 'exists';
    else if (modifier === 'fieldref') {
      refHow = how === 'equals' ? 'equals' : (how as Place);
      how = 'fieldref';
    } else if (modifier in NUMBERS) {
      how = 'number';
      operator = NUMBERS[modifier] as string;
    } else if (modifier === 'windash') values = values.flatMap(dashes);
    else if (modifier === 'base64')
      values = values.map((value) => encoded(value, modifiers[i - 1]).toString('base64'));
    else if (modifier === 'base64offset')
      values = values.flatMap((value) => offsets(encoded(value, modifiers[i - 1])));
    else if (!isEncoding(modifier))
      throw new SigmaFault(modifier, `the modifier \`${modifier}\` of \`${field}\` is not converted`);
  }
  return { how, all, cased, operator, flags, refHow, values };
}

const ENCODINGS = ['wide', 'utf16le', 'utf16be', 'utf16'];

function isEncoding(modifier: string): boolean {
  return ENCODINGS.includes(modifier);
}

/** The bytes of a value, in the encoding that the modifier in front names. */
function encoded(value: Value, encoding: string | undefined): Buffer {
  const text = String(value ?? '');
  switch (encoding) {
    case 'wide':
    case 'utf16le':
      return Buffer.from(text, 'utf16le');
    case 'utf16be':
      return Buffer.from(text, 'utf16le').swap16();
    case 'utf16':
      return Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from(text, 'utf16le')]);
    default:
      return Buffer.from(text, 'utf8');
  }
}

/** Base64 at each of the three places where the bytes can begin in a longer text, without what neighbours change. */
function offsets(bytes: Buffer): readonly string[] {
  const starts = [0, 2, 3];
  const ends = [undefined, -3, -2];
  return [0, 1, 2].map((offset) => {
    const padded = Buffer.concat([Buffer.from(' '.repeat(offset)), bytes]);
    return padded.toString('base64').slice(starts[offset], ends[padded.length % 3]);
  });
}

const DASHES = ['-', '/', '\u2013', '\u2014', '\u2015'];
const DASH = /(?<![A-Za-z0-9_])[-/](?=[A-Za-z0-9_])/g;
const MOST_FREE_DASHES = 2;

/** Windows takes five characters for the dash of an option. */
function dashes(value: Value): readonly Value[] {
  const text = String(value ?? '');
  const places = [...text.matchAll(DASH)].length;
  if (places === 0) return [value];
  if (places > MOST_FREE_DASHES) return DASHES.map((dash) => text.replaceAll(DASH, dash));
  let made = [text];
  for (let place = 0; place < places; place++) {
    made = made.flatMap((each) => DASHES.map((dash) => replacePlace(each, place, dash, text)));
  }
  return [...new Set(made)];
}

/** Replaces the dash at a place, places counted in the text as it was written. */
function replacePlace(text: string, place: number, dash: string, written: string): string {
  const at = [...written.matchAll(DASH)][place]?.index ?? 0;
  return text.slice(0, at) + dash + text.slice(at + 1);
}
