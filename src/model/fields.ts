import { RequestError } from './request-error.ts';

/** Reads a value that came from outside; throws `InvalidInput` (400). `where` names it for the message. */
export type FieldReader<T> = (value: unknown, where: string) => T;

export type FieldShape = Readonly<Record<string, FieldReader<unknown>>>;

export type Fields<Shape extends FieldShape> = {
  readonly [Name in keyof Shape]?: ReturnType<Shape[Name]> | undefined;
};

/**
 * The members of an object, each read as the shape says. A member that is missing or null is left out; one that the shape
 * does not name is refused: a typing error must not pass for "leave it as it is".
 */
export function readFields<Shape extends FieldShape>(
  value: unknown,
  shape: Shape,
  where = 'the body',
): Fields<Shape> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw invalidField(`${where} is not an object`);
  }
  const read: Record<string, unknown> = {};
  for (const [name, member] of Object.entries(value)) {
    const reader = Object.hasOwn(shape, name) ? shape[name] : undefined;
    if (reader === undefined) {
      throw invalidField(`${where} has no member \`${name}\`; it has ${Object.keys(shape).join(', ')}`);
    }
    if (member !== null && member !== undefined) read[name] = reader(member, `\`${name}\` of ${where}`);
  }
  return read as Fields<Shape>;
}

export const textField: FieldReader<string> = (value, where) => {
  if (typeof value !== 'string') throw invalidField(`${where} is not text`);
  return value;
};

export const flagField: FieldReader<boolean> = (value, where) => {
  if (typeof value !== 'boolean') throw invalidField(`${where} is not true or false`);
  return value;
};

export const numberField: FieldReader<number> = (value, where) => {
  if (typeof value !== 'number' || !Number.isFinite(value)) throw invalidField(`${where} is not a number`);
  return value;
};

/** ISO 8601, with its time zone or as a date alone. */
export const timeField: FieldReader<Date> = (value, where) => {
  const text = textField(value, where);
  const time = /^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d))?$/.test(text)
    ? Date.parse(text)
    : Number.NaN;
  if (Number.isNaN(time))
    throw invalidField(`${where} is not a time such as 2027-01-31 or 2027-01-31T00:00:00Z`);
  return new Date(time);
};

export function listField<T>(item: FieldReader<T>): FieldReader<readonly T[]> {
  return (value, where) => {
    if (!Array.isArray(value)) throw invalidField(`${where} is not a list`);
    return value.map((member, i) => item(member, `item ${i + 1} of ${where}`));
  };
}

export function oneOfField<const Choice extends string>(...choices: readonly Choice[]): FieldReader<Choice> {
  return (value, where) => {
    const choice = choices.find((known) => known === value);
    if (choice === undefined) throw invalidField(`${where} is not one of ${choices.join(', ')}`);
    return choice;
  };
}

/** A member that cannot be left out. */
export function needed<T>(value: T | undefined, name: string, where = 'the body'): T {
  if (value === undefined) {
    throw new RequestError('MissingRequiredParameter', 400, `Parameter ${name} of ${where} is missing`);
  }
  return value;
}

export function invalidField(what: string): RequestError {
  return new RequestError('InvalidInput', 400, `Invalid input: ${what}`);
}
