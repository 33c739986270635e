import { durationMs } from './duration.ts';
import type { RuleFault } from './rule.ts';

/** Reads the members of one object and notes every fault, so that an author sees them all at once. */
export interface FormReader {
  /** Undefined as `fallback`: the member must be there. Gives '' after a fault. */
  text(member: string, fallback: string | undefined, shape: TextShape): string;
  texts(member: string, shape: TextShape): readonly string[];
  flag(member: string, fallback: boolean): boolean;
  whole(member: string, least: number, most: number): number | undefined;
  /** Found in any letter case, given as listed. Undefined as `fallback`: the member must be there. */
  choice<const Choice extends string>(
    member: string,
    choices: readonly Choice[],
    fallback: Choice | undefined,
  ): Choice;
  /** Texts by name; empty where the member is missing. */
  map(member: string, shape: TextShape, mostMembers: number): Readonly<Record<string, string>>;
  /** In milliseconds. */
  duration(member: string): number | undefined;
  object(member: string): FormReader | undefined;
  fault(code: RuleFault['code'], member: string, message: string): void;
  /** To be called last: a member that nobody asked for is a fault. */
  refuseOthers(): void;
}

export interface TextShape {
  readonly most?: number;
  readonly pattern?: RegExp;
  /** What `pattern` asks for, in words. */
  readonly shape?: string;
}

const MOST_ITEMS = 100;

export function formReader(value: unknown, path: string, faults: RuleFault[]): FormReader {
  const asked = new Set<string>();
  const members = isObject(value) ? value : {};
  const fault = (code: RuleFault['code'], member: string, message: string): void => {
    faults.push({ code, member: path + member, message });
  };
  if (!isObject(value)) fault('WrongType', '', 'expected an object with the members of a rule');

  function take(member: string): unknown {
    asked.add(member);
    return Object.hasOwn(members, member) ? (members[member] ?? undefined) : undefined;
  }

  function checked(member: string, item: unknown, { most = 1000, pattern, shape }: TextShape): string {
    // YAML reads `1.10` or `yes` as other things than text; only what was written as text can be kept exactly.
    if (typeof item !== 'string') {
      fault('WrongType', member, `expected text, found ${JSON.stringify(item)?.slice(0, 60)}`);
      return '';
    }
    if (item.length > most)
      fault('WrongValue', member, `has ${item.length} characters, expected at most ${most}`);
    if (pattern !== undefined && !pattern.test(item)) {
      fault('WrongValue', member, `expected ${shape}, found \`${item.slice(0, 60)}\``);
    }
    return item;
  }

  const reader: FormReader = {
    fault,
    text(member, fallback, shape) {
      const item = take(member);
      if (item === undefined && fallback !== undefined) return fallback;
      if (item === undefined || item === '') {
        if (fallback === undefined) fault('MissingMember', member, 'expected text');
        return '';
      }
      return checked(member, item, shape);
    },
    texts(member, shape) {
      const items = take(member);
      if (items === undefined) return [];
      if (!Array.isArray(items) || items.length > MOST_ITEMS) {
        fault('WrongType', member, `expected a list of at most ${MOST_ITEMS} texts`);
        return [];
      }
      return items.map((item: unknown) => checked(member, item, shape));
    },
    flag(member, fallback) {
      const item = take(member);
      if (item === undefined) return fallback;
      if (typeof item === 'boolean') return item;
      fault('WrongType', member, 'expected true or false');
      return fallback;
    },
    whole(member, least, most) {
      const item = take(member);
      if (item === undefined) return undefined;
      if (Number.isSafeInteger(item) && Number(item) >= least && Number(item) <= most) return Number(item);
      fault('WrongValue', member, `expected a whole number from ${least} to ${most}`);
      return undefined;
    },
    choice(member, choices, fallback) {
      const item = take(member);
      const [first] = choices;
      if (first === undefined) throw new Error('a choice among nothing');
      if (item === undefined) {
        if (fallback === undefined) fault('MissingMember', member, `expected one of ${choices.join(', ')}`);
        return fallback ?? first;
      }
      const found = choices.find(
        (choice) => typeof item === 'string' && choice.toLowerCase() === item.toLowerCase(),
      );
      if (found !== undefined) return found;
      fault('WrongValue', member, `expected one of ${choices.join(', ')}`);
      return first;
    },
    map(member, shape, mostMembers) {
      const item = take(member);
      if (item === undefined) return {};
      if (!isObject(item) || Object.keys(item).length > mostMembers) {
        fault('WrongType', member, `expected an object of at most ${mostMembers} members`);
        return {};
      }
      return Object.fromEntries(
        Object.entries(item).map(([name, text]) => [name, checked(`${member}.${name}`, text, shape)]),
      );
    },
    duration(member) {
      const item = take(member);
      if (item === undefined) return undefined;
      const ms = typeof item === 'string' ? durationMs(item) : undefined;
      if (ms !== undefined && ms > 0) return ms;
      fault('WrongValue', member, 'expected a duration such as `90m`, `6h` or `2d`');
      return undefined;
    },
    object(member) {
      const item = take(member);
      return item === undefined ? undefined : formReader(item, `${path}${member}.`, faults);
    },
    refuseOthers() {
      for (const member of Object.keys(members)) {
        if (!asked.has(member)) fault('UnknownMember', member, 'a rule has no such member');
      }
    },
  };
  return reader;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
