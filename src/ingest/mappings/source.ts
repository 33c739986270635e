import type { ProcessFacts, ProcessMemory } from './process-memory.ts';
import { member, type WindowsEvent } from './windows-event.ts';

/** Where a column's value comes from: `text` says it in the documents, `read` gives it as text, '' for none. */
export interface Source {
  readonly text: string;
  read(event: WindowsEvent, actor: ProcessFacts, memory: ProcessMemory): string;
  /** In a JSON object: digits are a number, not a string. */
  readonly numeric?: boolean;
}

/** Digits that stand as a number in a JSON object. */
export function number(source: Source): Source {
  return { ...source, numeric: true };
}

/** The first of these members that is not empty. */
export function field(name: string, ...others: readonly string[]): Source {
  const names = [name, ...others];
  const text = names.map((each) => `\`${each}\``).join(' or ');
  if (others.length === 0) return { text, read: (event) => member(event, name) };
  return {
    text,
    read(event) {
      for (const each of names) {
        const value = member(event, each);
        if (value !== '') return value;
      }
      return '';
    },
  };
}

export function constant(value: string): Source {
  return { text: `"${value}"`, read: () => value };
}

/** A named reading of another source. */
export function apply(name: string, read: (text: string) => string, source: Source): Source {
  return {
    text: `${name} of ${source.text}`,
    read: (event, actor, memory) => read(source.read(event, actor, memory)),
  };
}

/** The word for a code; `otherwise` says what becomes of a code that is not listed. */
export function lookup(
  name: string,
  codes: Readonly<Record<string, string>>,
  source: Source,
  otherwise: 'as it is' | 'empty' = 'as it is',
): Source {
  return {
    text: `${name} of ${source.text}`,
    read(event, actor, memory) {
      const code = source.read(event, actor, memory);
      return codes[code] ?? codes[code.toLowerCase()] ?? (otherwise === 'empty' ? '' : code);
    },
  };
}

/** The first source that gives something. */
export function first(...sources: readonly Source[]): Source {
  return {
    text: sources.map((source) => source.text).join(', else '),
    read(event, actor, memory) {
      for (const source of sources) {
        const value = source.read(event, actor, memory);
        if (value !== '') return value;
      }
      return '';
    },
  };
}

/** `then` where a member has this value, `otherwise` elsewhere. */
export function when(name: string, value: string, then: Source, otherwise: Source): Source {
  const wanted = value.toLowerCase();
  return {
    text: `${then.text} if \`${name}\` is \`${value}\`, else ${otherwise.text}`,
    read: (event, actor, memory) =>
      (member(event, name).toLowerCase() === wanted ? then : otherwise).read(event, actor, memory),
  };
}

/** A JSON object of what has no column; members without a value are left out; '' when all are. */
export function json(members: Readonly<Record<string, Source>>): Source {
  const entries = Object.entries(members).map(([name, source]) => [JSON.stringify(name), source] as const);
  return {
    text: entries.map(([name, source]) => `${name}: ${source.text}`).join('; '),
    read(event, actor, memory) {
      let out = '';
      for (const [name, source] of entries) {
        const value = source.read(event, actor, memory);
        if (value === '') continue;
        const bare = source.numeric === true && /^-?(0|[1-9]\d{0,18})$/.test(value);
        out += `${out === '' ? '{' : ','}${name}:${bare ? value : JSON.stringify(value)}`;
      }
      return out === '' ? '' : `${out}}`;
    },
  };
}
