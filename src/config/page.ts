import { FILE_ENV, FILE_NAME } from './load.ts';
import { SETTINGS } from './settings.ts';

/** docs/settings.md, printed from the data. */
export function settingsPage(): string {
  const rows = Object.values(SETTINGS).map(
    ({ key, env, form, fallback, sentence }) =>
      `| \`${key}\` | \`${env}\` | ${form} | ${fallback === undefined ? '' : `\`${fallback}\``} | ${sentence} |`,
  );
  return [
    '# Settings',
    '',
    'Printed from `src/config/settings.ts`. A setting is taken from the first that has it: the command line, where a command',
    `offers it as \`--name\`; the environment; the config file, YAML of \`name: value\`, named by \`${FILE_ENV}\` or`,
    `\`${FILE_NAME}\` in the data folder; the default. A wrong value stops the start with its name. Sizes are written`,
    '`50MB`, `1GiB` or in bytes, durations `500ms`, `10s`, `3m`, `2h`.',
    '',
    '| name | environment | form | default | meaning |',
    '| --- | --- | --- | --- | --- |',
    ...rows,
    '',
  ].join('\n');
}
