import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { parse } from 'yaml';
import type { Cell, Json, ScalarProgram } from '../contract.ts';

/** What a text of a browser, an app or a robot says of itself, by the patterns of https://github.com/ua-parser/uap-core. */
export const userAgentPrograms: Readonly<Record<string, ScalarProgram>> = {
  parse_user_agent: {
    summary: 'The browser, operating system and device that a user agent names, as a bag.',
    page: 'parse-user-agent-function',
    params: ['string', 'any'],
    result: 'dynamic',
    compute: ([text, wanted]) => {
      const agent = String(text ?? '').slice(0, MAX_CHARS);
      const targets = wanted === undefined ? Object.keys(TARGETS) : namesOf(wanted);
      const found = targets.flatMap((target) => {
        const read = Object.hasOwn(TARGETS, target) ? TARGETS[target] : undefined;
        return read ? [read(agent)] : [];
      });
      return found.length === 0 ? null : (Object.fromEntries(found) as Json);
    },
  },
};

/** No browser says more; it bounds what the patterns can cost. */
const MAX_CHARS = 4096;

const TARGETS: Readonly<Record<string, (agent: string) => readonly [string, Json]>> = {
  browser: (agent) => {
    const [family, major, minor, patch] = read(agent, 'user_agent_parsers', [
      'family_replacement',
      'v1_replacement',
      'v2_replacement',
      'v3_replacement',
    ]);
    return ['Browser', { Family: family || OTHER, MajorVersion: major, MinorVersion: minor, Patch: patch }];
  },
  os: (agent) => {
    const [family, major, minor, patch, last] = read(agent, 'os_parsers', [
      'os_replacement',
      'os_v1_replacement',
      'os_v2_replacement',
      'os_v3_replacement',
      'os_v4_replacement',
    ]);
    const versions = { MajorVersion: major, MinorVersion: minor, Patch: patch, PatchMinor: last };
    return ['OperatingSystem', { Family: family || OTHER, ...versions }];
  },
  device: (agent) => {
    const names = ['device_replacement', 'brand_replacement', 'model_replacement'];
    const [family, brand, model] = read(agent, 'device_parsers', names, [1, undefined, 1]);
    return ['Device', { Family: family || OTHER, Brand: brand, Model: model }];
  },
};

const OTHER = 'Other';

function namesOf(wanted: Cell): readonly string[] {
  let list: Json = wanted;
  if (typeof wanted === 'string' && wanted.trim().startsWith('[')) {
    try {
      list = JSON.parse(wanted) as Json;
    } catch {
      return [];
    }
  }
  return (Array.isArray(list) ? list : [list]).map((name: Json) => String(name).toLowerCase());
}

/**
 * The parts that the first fitting pattern names: a replacement with its `$n` filled in, or the group at the part's
 * place (or at `groups`).
 */
function read(
  agent: string,
  list: keyof Patterns,
  replacements: readonly string[],
  groups: readonly (number | undefined)[] = replacements.map((_, at) => at + 1),
): readonly [string, string, string, string, string] {
  for (const { pattern, rule } of patterns()[list]) {
    const match = pattern.exec(agent);
    if (!match) continue;
    const parts = replacements.map((name, at) => {
      const replacement = rule[name];
      const group = groups[at];
      if (replacement === undefined) return group === undefined ? '' : (match[group] ?? '');
      return replacement.replace(/\$(\d)/g, (_, digit) => match[Number(digit)] ?? '').trim();
    });
    return [parts[0] ?? '', parts[1] ?? '', parts[2] ?? '', parts[3] ?? '', parts[4] ?? ''];
  }
  return ['', '', '', '', ''];
}

interface Patterns {
  readonly user_agent_parsers: readonly Rule[];
  readonly os_parsers: readonly Rule[];
  readonly device_parsers: readonly Rule[];
}

interface Rule {
  readonly pattern: RegExp;
  readonly rule: Readonly<Record<string, string>>;
}

let loaded: Patterns | undefined;

/** Read once, when a query first asks. */
function patterns(): Patterns {
  if (loaded) return loaded;
  const file = createRequire(import.meta.url).resolve('uap-core/regexes.yaml');
  const raw = parse(readFileSync(file, 'utf8')) as Record<keyof Patterns, readonly Record<string, string>[]>;
  const compiled = (rules: readonly Record<string, string>[]): Rule[] =>
    rules.map((rule) => ({
      rule,
      pattern: new RegExp(rule['regex'] ?? '', rule['regex_flag'] === 'i' ? 'i' : ''),
    }));
  loaded = {
    user_agent_parsers: compiled(raw.user_agent_parsers),
    os_parsers: compiled(raw.os_parsers),
    device_parsers: compiled(raw.device_parsers),
  };
  return loaded;
}
