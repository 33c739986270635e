import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { CliError } from './failure.ts';

const RULE_FILE = 'rule.yaml';

/** The texts of the rules of a folder of rules, or of one rule's folder. Throws `CliError` `NoRules`. */
export function readRuleTexts(folder: string): readonly string[] {
  if (existsSync(join(folder, RULE_FILE))) return [readFileSync(join(folder, RULE_FILE), 'utf8')];
  const texts = existsSync(folder)
    ? readdirSync(folder)
        .sort()
        .map((name) => join(folder, name))
        .filter((path) => statSync(path).isDirectory() && existsSync(join(path, RULE_FILE)))
        .map((path) => readFileSync(join(path, RULE_FILE), 'utf8'))
    : [];
  if (texts.length === 0) throw new CliError('NoRules', `no folder with a \`${RULE_FILE}\` in ${folder}`);
  return texts;
}
