import { badRequest } from './bad-request.ts';

/** A management command in words: names without their quotes and brackets, lists of names as one word. */
export interface CommandText {
  /** Each as it is written, the first without its dot. */
  readonly words: readonly Word[];
  /** The query operators behind the command, from the first `|` on; empty where there are none. */
  readonly rest: string;
}

export interface Word {
  /** Of a bare word, and of a quoted name without its quotes. */
  readonly text: string;
  /** Of a list in parentheses. */
  readonly names: readonly string[] | undefined;
}

const SPACE = /(?:\s|\/\/[^\n]*)+/y;
const NAME =
  /\[\s*(?:'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)")\s*\]|'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)"|([\w.-]+)/y;

/** Reads a command that starts with a dot. Throws `BadRequest` (400) where it is no row of words. */
export function readCommand(text: string): CommandText {
  let at = 0;
  const space = () => {
    SPACE.lastIndex = at;
    if (SPACE.test(text)) at = SPACE.lastIndex;
  };
  const name = (): string => {
    NAME.lastIndex = at;
    const match = NAME.exec(text);
    if (match === null) throw badRequest(`Syntax error: SYN0002: the command is not understood at ${at}`);
    at = NAME.lastIndex;
    return (match[1] ?? match[2] ?? match[3] ?? match[4] ?? match[5] ?? '').replace(/\\(.)/g, '$1');
  };
  const list = (): Word => {
    const names: string[] = [];
    do {
      at += 1;
      space();
      names.push(name());
      space();
    } while (text[at] === ',');
    if (text[at] !== ')') throw badRequest('Syntax error: SYN0002: a list of names is not closed');
    at += 1;
    return { text: '', names };
  };
  const words: Word[] = [];
  space();
  if (text[at] !== '.') throw badRequest('a management command starts with a dot');
  at += 1;
  for (space(); at < text.length && text[at] !== '|'; space()) {
    if (/^;\s*$/.test(text.slice(at))) break;
    words.push(text[at] === '(' ? list() : { text: name(), names: undefined });
  }
  return { words, rest: text[at] === '|' ? text.slice(at) : '' };
}

/**
 * The words that stand where a pattern has `<x>`, by place, or undefined where the command is another. Words of a pattern are
 * compared in any case; `<names>` takes a list in parentheses.
 */
export function matchCommand(words: readonly Word[], pattern: string): readonly Word[] | undefined {
  const wanted = pattern.split(' ');
  if (wanted.length !== words.length) return undefined;
  const taken: Word[] = [];
  for (const [place, want] of wanted.entries()) {
    const word = words[place];
    if (word === undefined) return undefined;
    if (want.startsWith('<')) {
      if ((want === '<names>') !== (word.names !== undefined)) return undefined;
      taken.push(word);
    } else if (word.names !== undefined || word.text.toLowerCase() !== want) return undefined;
  }
  return taken;
}
