import { type Budget, type Json, ProgramFault } from '../../kql/beside/contract.ts';
import { parseExact } from '../../model/exact-json.ts';
import { lines } from './delimited.ts';

/** `json`: one value a line. */
export function* jsonLines(text: string, budget: Budget): Generator<Json> {
  for (const line of lines(text, budget)) if (line.trim() !== '') yield* recordsOf(parsed(line));
}

/** `multijson`: one value, or several after each other, that may span lines; an array is its elements. */
export function* multiJson(text: string, budget: Budget): Generator<Json> {
  let whole: Json;
  try {
    whole = parseExact(text) as Json;
  } catch {
    for (const piece of values(text, budget)) yield* recordsOf(parsed(piece));
    return;
  }
  yield* recordsOf(whole);
}

function* recordsOf(value: Json): Generator<Json> {
  if (Array.isArray(value)) yield* value as readonly Json[];
  else yield value;
}

function parsed(text: string): Json {
  try {
    return parseExact(text) as Json;
  } catch {
    throw new ProgramFault('what `externaldata` read is no JSON');
  }
}

/** The texts of the objects and arrays that follow each other. */
function* values(text: string, budget: Budget): Generator<string> {
  let depth = 0;
  let start = -1;
  for (const { 0: token, index } of text.matchAll(/"(?:[^"\\]|\\.)*"|[[\]{}]/gs)) {
    budget.check();
    if (token === '{' || token === '[') {
      if (depth++ === 0) start = index;
    } else if ((token === '}' || token === ']') && --depth === 0) {
      yield text.slice(start, index + 1);
      start = -1;
    }
    if (depth < 0) break;
  }
  if (start >= 0 || depth !== 0) throw new ProgramFault('what `externaldata` read is no JSON');
}
