import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse as parseYaml } from 'yaml';
import { type Config, SETTINGS, type SettingName } from './settings.ts';

/** `code` is `BadSetting` or `UnknownSetting`; the message names the setting and where it was set. */
export class ConfigError extends Error {
  readonly code: 'BadSetting' | 'UnknownSetting';

  constructor(code: 'BadSetting' | 'UnknownSetting', message: string) {
    super(message);
    this.name = 'ConfigError';
    this.code = code;
  }
}

export interface ConfigSources {
  /** Texts of the command line, by setting. */
  readonly flags: Partial<Readonly<Record<SettingName, string>>>;
  readonly env: Readonly<Record<string, string | undefined>>;
}

export const FILE_NAME = 'spoor.yaml';
export const FILE_ENV = 'SPOOR_CONFIG';

/**
 * Every setting from the first source that has it: command line, environment, config file (`SPOOR_CONFIG`, or
 * `spoor.yaml` in the data folder), default. An empty text counts as not set. Throws `ConfigError`.
 */
export function loadConfig({ flags, env }: ConfigSources): Config {
  const early = first('dataDir', flags, env, new Map());
  const file = readConfigFile(env, early?.text ?? SETTINGS.dataDir.fallback ?? '');
  const names = Object.keys(SETTINGS) as SettingName[];
  return Object.fromEntries(names.map((name) => [name, settledValue(name, flags, env, file)])) as Config;
}

interface Found {
  readonly text: string;
  readonly origin: string;
}

function first(
  name: SettingName,
  flags: ConfigSources['flags'],
  env: ConfigSources['env'],
  file: ReadonlyMap<string, string>,
): Found | undefined {
  const { key, env: variable } = SETTINGS[name];
  const sources: readonly (readonly [string | undefined, string])[] = [
    [flags[name], `--${key}`],
    [env[variable], variable],
    [file.get(key), `\`${key}\` of the config file`],
  ];
  const found = sources.find(([value]) => value !== undefined && value !== '');
  return found?.[0] === undefined ? undefined : { text: found[0], origin: found[1] };
}

function settledValue(
  name: SettingName,
  flags: ConfigSources['flags'],
  env: ConfigSources['env'],
  file: ReadonlyMap<string, string>,
): unknown {
  const { key, parse, fallback, form } = SETTINGS[name];
  const found = first(name, flags, env, file);
  if (found === undefined) return fallback === undefined ? undefined : parse(fallback);
  try {
    return parse(found.text);
  } catch (error) {
    // The text of a password is not repeated: it may be one.
    const shown = key.endsWith('password') ? '' : `, found ${JSON.stringify(found.text)}`;
    const why = error instanceof Error && error.message !== '' ? `: ${error.message}` : '';
    throw new ConfigError('BadSetting', `${found.origin} is wrong${why}: expected ${form}${shown}`);
  }
}

/** Texts by key. Numbers, booleans and lists are taken as they would be written in the environment. */
function readConfigFile(env: ConfigSources['env'], dataDir: string): ReadonlyMap<string, string> {
  const named = env[FILE_ENV];
  const path = named !== undefined && named !== '' ? named : join(dataDir, FILE_NAME);
  if (path !== named && !existsSync(path)) return new Map();
  let content: unknown;
  try {
    content = parseYaml(readFileSync(path, 'utf8'));
  } catch (error) {
    const why = error instanceof Error ? error.message.split('\n')[0] : String(error);
    throw new ConfigError('BadSetting', `the config file ${path} cannot be read: ${why}`);
  }
  if (content === null || content === undefined) return new Map();
  if (typeof content !== 'object' || Array.isArray(content)) {
    throw new ConfigError('BadSetting', `the config file ${path} is not a list of \`setting: value\``);
  }
  const known = new Set(Object.values(SETTINGS).map(({ key }) => key));
  const texts = new Map<string, string>();
  for (const [key, value] of Object.entries(content)) {
    if (!known.has(key))
      throw new ConfigError('UnknownSetting', `the config file ${path} has no setting \`${key}\``);
    const items: unknown[] = Array.isArray(value) ? value : [value];
    if (!items.every((item) => ['string', 'number', 'boolean'].includes(typeof item))) {
      throw new ConfigError('BadSetting', `\`${key}\` of the config file is not one value`);
    }
    texts.set(key, items.map(String).join(','));
  }
  return texts;
}
