import { ArgumentFault } from './registry.ts';

/** A regular expression in the engine's dialect. */
export interface Regex {
  /** RE2, to be read with its `.` matching line ends, as the engine does. */
  readonly re2: string;
  readonly groups: number;
  readonly names: ReadonlyMap<string, number>;
}

/** RE2 pattern that matches exactly this text. */
export function literalPattern(value: string): string {
  return value.replaceAll(/[\\.+*?()|[\]{}^$-]/g, '\\$&');
}

const ASCII = { d: '0-9', w: '0-9A-Za-z_', s: '\\s' } as const;
const UNICODE = {
  d: '\\p{Nd}',
  w: '\\p{L}\\p{M}\\p{Nd}\\p{Nl}\\p{Pc}',
  s: '\\s\\x0B\\x{85}\\p{Z}',
} as const;

/** RE2 compiles large classes once per repetition: past this many, `\w` and its kin mean ASCII only. */
const MAX_UNICODE_CLASSES = 40;

/**
 * Kusto's regular expressions for RE2: the Rust dialect, in which `\d`, `\w` and `\s` know all alphabets and `.` stops
 * at line ends. Throws `ArgumentFault` for what is malformed or has no counterpart (look-around, back-references).
 * Sources: https://learn.microsoft.com/kusto/query/regex and https://github.com/google/re2/wiki/Syntax
 */
export function parseRegex(pattern: string): Regex {
  const unicode = new Translation(pattern, UNICODE);
  const result = unicode.run();
  return unicode.classes > MAX_UNICODE_CLASSES ? new Translation(pattern, ASCII).run() : result;
}

class Translation {
  readonly #pattern: string;
  readonly #sets: Readonly<Record<'d' | 'w' | 's', string>>;
  readonly #names = new Map<string, number>();
  #at = 0;
  #groups = 0;
  /** How many classes of all alphabets the compiled pattern will hold. */
  classes = 0;

  constructor(pattern: string, sets: Readonly<Record<'d' | 'w' | 's', string>>) {
    this.#pattern = pattern;
    this.#sets = sets;
  }

  run(): Regex {
    const re2 = this.#alternatives(false, 0);
    if (this.#at < this.#pattern.length) this.#fail('an unmatched `)`');
    return { re2, groups: this.#groups, names: this.#names };
  }

  #fail(what: string): never {
    throw new ArgumentFault(`the regular expression has ${what}`);
  }

  #take(expected: RegExp): string | undefined {
    const sticky = new RegExp(expected.source, 'uy');
    sticky.lastIndex = this.#at;
    const found = sticky.exec(this.#pattern)?.[0];
    if (found !== undefined) this.#at += found.length;
    return found;
  }

  #alternatives(dotAll: boolean, depth: number): string {
    if (depth > 200) this.#fail('groups nested too deeply');
    let flag = dotAll;
    let out = '';
    while (this.#at < this.#pattern.length && this.#pattern[this.#at] !== ')') {
      const flags = this.#take(/\(\?[imsUux]*(?:-[imsUux]+)?\)/);
      if (flags !== undefined) {
        flag = this.#dotAll(flags, flag);
        out += this.#flags(flags);
        continue;
      }
      const before = this.classes;
      const atom = this.#atom(flag, depth);
      out += this.#repeated(atom, before);
    }
    return out;
  }

  /** `.` is spelt out, so only the other flags reach the engine. */
  #flags(text: string): string {
    if (text.includes('x')) this.#fail('the flag `x`, which is not supported');
    const [on = '', off = ''] = text.replaceAll(/[()?:us]/g, '').split('-');
    const kept = on + (off === '' ? '' : `-${off}`);
    if (text.endsWith(':')) return `(?${kept}:`;
    return kept === '' ? '' : `(?${kept})`;
  }

  #dotAll(flags: string, before: boolean): boolean {
    const [on = '', off = ''] = flags.split('-');
    return on.includes('s') || (before && !off.includes('s'));
  }

  #atom(dotAll: boolean, depth: number): string {
    const char = this.#take(/./su) ?? '';
    switch (char) {
      case '(':
        return this.#group(dotAll, depth);
      case '[':
        return this.#set();
      case '\\':
        return this.#escape();
      case '.':
        return dotAll ? '.' : '[^\\n]';
      case '*':
      case '+':
      case '?':
        return this.#fail(`\`${char}\` with nothing to repeat`);
      case '|':
      case '^':
      case '$':
        return char;
      default:
        return /[{}\]]/.test(char) ? `\\${char}` : char;
    }
  }

  #group(dotAll: boolean, depth: number): string {
    const look = this.#take(/\?<?[=!]|\?>|\?\(|\?#/);
    if (look !== undefined) this.#fail(`\`(${look}\`, which is not supported`);
    const name = this.#take(/\?P?<[^>]*>/)
      ?.replace(/^\?P?</, '')
      .slice(0, -1);
    const flags = name === undefined ? this.#take(/\?[imsUux]*(?:-[imsUux]+)?:/) : undefined;
    if (flags === undefined && name === undefined && this.#pattern[this.#at] === '?')
      this.#fail('an unknown group');
    let open = '(';
    if (flags !== undefined) open = this.#flags(`(${flags}`);
    else this.#groups += 1;
    if (name !== undefined) {
      if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name) || this.#names.has(name))
        this.#fail(`the group name \`${name}\``);
      this.#names.set(name, this.#groups);
    }
    const inner = this.#alternatives(flags === undefined ? dotAll : this.#dotAll(flags, dotAll), depth + 1);
    if (this.#take(/\)/) === undefined) this.#fail('an unmatched `(`');
    return `${open}${inner})`;
  }

  #repeated(atom: string, classesBefore: number): string {
    let out = atom;
    for (;;) {
      const operator = this.#take(/[*+?]\??|\{[0-9]+(?:,[0-9]*)?\}\??/);
      if (operator === undefined) return out;
      if (atom === '|') this.#fail(`\`${operator}\` with nothing to repeat`);
      const [low, high] = (operator.match(/[0-9]+/g) ?? []).map(Number);
      const most = Math.max(low ?? 0, high ?? 0);
      if (most > 1000 || (low !== undefined && high !== undefined && low > high)) {
        this.#fail(`the repetition \`${operator}\``);
      }
      this.classes += (this.classes - classesBefore) * Math.max(0, most - 1);
      // A repetition of a repetition, and of an anchor, needs a group in RE2.
      out = out === atom && !/^[$^]$/.test(atom) ? out + operator : `(?:${out})${operator}`;
    }
  }

  #escape(): string {
    const hex = this.#take(/u[0-9A-Fa-f]{4}|U[0-9A-Fa-f]{8}|x[0-9A-Fa-f]{2}|[xu]\{[0-9A-Fa-f]{1,6}\}/);
    if (hex !== undefined) return this.#codePoint(hex);
    // RE2 reads an octal code; queries that are still passed around strip NULs with it.
    const octal = this.#take(/0[0-7]{0,2}/);
    if (octal !== undefined) return `\\x{${Number.parseInt(octal, 8).toString(16)}}`;
    const property = this.#take(/[pP](?:\{[^}]*\}|[A-Z])/);
    if (property !== undefined) return this.#property(property);
    const char = this.#take(/./su);
    if (char === undefined) this.#fail('a `\\` at its end');
    if (char === 'd' || char === 'w' || char === 's') return this.#shorthand(char, '[');
    if (char === 'D' || char === 'W' || char === 'S') {
      return this.#shorthand(char.toLowerCase() as 'd' | 'w' | 's', '[^');
    }
    if (char === 'Z') return '\\z';
    if (/[aftnrvAzbB]/.test(char)) return `\\${char}`;
    if (/[1-9]/.test(char)) this.#fail(`the back-reference \`\\${char}\`, which is not supported`);
    if (/[A-Za-z0-9]/.test(char)) this.#fail(`the unknown escape \`\\${char}\``);
    return literalPattern(char);
  }

  #shorthand(kind: 'd' | 'w' | 's', open: string): string {
    this.classes += 1;
    return `${open}${this.#sets[kind]}]`;
  }

  #codePoint(hex: string): string {
    const value = Number.parseInt(hex.replace(/^[uUx]/, '').replaceAll(/[{}]/g, ''), 16);
    if (value > 0x10ffff || (value >= 0xd800 && value <= 0xdfff)) this.#fail(`the code point \`\\${hex}\``);
    return `\\x{${value.toString(16)}}`;
  }

  #property(property: string): string {
    const name = property.replaceAll(/^.|[{}^]/g, '');
    const known = [name, `Script=${name}`].some((spelling) => {
      try {
        return new RegExp(`\\p{${spelling}}`, 'u') !== undefined && (name.length <= 2 || spelling !== name);
      } catch {
        return false;
      }
    });
    if (!known) this.#fail(`the unknown class \`\\${property}\``);
    this.classes += 1;
    return `\\${property[0]}{${property.includes('^') ? '^' : ''}${name}}`;
  }

  /** A bracket expression; `[` was taken. */
  #set(): string {
    let out = this.#take(/\^/) === undefined ? '[' : '[^';
    let first = true;
    for (;;) {
      if (this.#at >= this.#pattern.length) this.#fail('an unmatched `[`');
      if (!first && this.#take(/\]/) !== undefined) return `${out}]`;
      first = false;
      const named = this.#take(/\[:\^?[a-z]+:\]/);
      if (named !== undefined) {
        if (!NAMED_SETS.includes(named.replaceAll(/[^a-z]/g, '')))
          this.#fail(`the unknown class \`${named}\``);
        out += named;
        continue;
      }
      const low = this.#member();
      const ranged =
        low.length > 0 &&
        this.#pattern[this.#at] === '-' &&
        !/^\]?$/.test(this.#pattern.slice(this.#at + 1, this.#at + 2));
      if (!ranged || isMany(low)) {
        out += low;
        continue;
      }
      this.#at += 1;
      const high = this.#member();
      if (isMany(high)) out += `${low}\\-${high}`;
      else if (codeOf(low) > codeOf(high)) this.#fail(`the range \`${low}-${high}\``);
      else out += `${low}-${high}`;
    }
  }

  /** One member of a bracket expression: a character (escaped where needed) or a class. */
  #member(): string {
    const char = this.#take(/./su) ?? this.#fail('an unmatched `[`');
    if (char !== '\\') return /[[\]\\^-]/.test(char) ? `\\${char}` : char;
    const next = this.#pattern[this.#at] ?? '';
    if (next === 'd' || next === 'w' || next === 's') {
      this.#at += 1;
      this.classes += 1;
      return this.#sets[next];
    }
    if (next === 'D' || next === 'W' || next === 'S') {
      this.#at += 1;
      return `\\${next}`;
    }
    if (next === 'b') {
      this.#at += 1;
      return '\\x08';
    }
    return this.#escape();
  }
}

const NAMED_SETS = [
  'alnum',
  'alpha',
  'ascii',
  'blank',
  'cntrl',
  'digit',
  'graph',
  'lower',
  'print',
  'punct',
  'space',
  'upper',
  'word',
  'xdigit',
];

/** Whether a translated member of a bracket expression is a class. */
function isMany(member: string): boolean {
  return (
    /^\\[pPDWSs]/.test(member) || (member.length > 1 && !member.startsWith('\\') && [...member].length > 1)
  );
}

const CONTROL: Readonly<Record<string, number>> = { a: 7, f: 12, t: 9, n: 10, r: 13, v: 11 };

function codeOf(member: string): number {
  const hex = /^\\x(?:\{([0-9a-f]+)\}|([0-9a-f]{2}))$/.exec(member);
  if (hex) return Number.parseInt(hex[1] ?? hex[2] ?? '', 16);
  const char = member.startsWith('\\') ? member.slice(1) : member;
  const control = member.startsWith('\\') ? CONTROL[char] : undefined;
  return control ?? char.codePointAt(0) ?? 0;
}
