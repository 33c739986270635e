import { RealNumber } from '../../../model/exact-json.ts';
import type { Json, ScalarProgram } from '../contract.ts';

/** The same programs with every number inside a dynamic result a real: 2 is printed as 2.0. Whole numbers are bigint. */
export function withReals(programs: Readonly<Record<string, ScalarProgram>>): Record<string, ScalarProgram> {
  return Object.fromEntries(
    Object.entries(programs).map(([name, program]) => {
      const compute: ScalarProgram['compute'] = (args, types) => {
        const cell = program.compute(args, types);
        return typeof cell === 'object' ? marked(cell) : cell;
      };
      return [name, { ...program, compute }];
    }),
  );
}

function marked(value: Json): Json {
  if (typeof value === 'number') return new RealNumber(value) as unknown as Json;
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(marked);
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, marked(member as Json)]));
}
