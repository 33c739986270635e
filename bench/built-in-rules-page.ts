export interface Fired {
  readonly name: string;
  readonly severity: string;
  readonly techniques: readonly string[];
  /** `named`: the archive shows a technique that the rule names, sub-techniques apart. */
  readonly on: readonly { readonly archive: string; readonly rows: number; readonly named: boolean }[];
  /** Rows of the background. */
  readonly background: number;
  /** Events of the background that resemble the rule's attack. */
  readonly lookAlikes: number;
}

export interface Measured {
  readonly events: number;
  readonly archives: readonly string[];
  readonly background: number;
  readonly fired: readonly Fired[];
}

/** docs/built-in-rules.md */
export function rulesPage({ events, archives, background, fired }: Measured): string {
  const on = (archive: string, only: (each: Fired['on'][number]) => boolean) =>
    fired.filter((rule) => rule.on.some((each) => each.archive === archive && only(each)));
  const caught = archives.filter((archive) => on(archive, () => true).length > 0);
  const told = archives.filter((archive) => on(archive, ({ named }) => named).length > 0);
  const rows = fired.reduce((sum, rule) => sum + rule.background, 0);
  const silent = fired.filter((rule) => rule.background === 0);
  const resembling = fired.reduce((sum, rule) => sum + rule.lookAlikes, 0);
  const strays = fired.flatMap((rule) => rule.on.filter(({ named }) => !named));
  const cleared = fired
    .filter(({ name }) => name === 'event-log-cleared')
    .reduce((sum, rule) => sum + rule.on.filter(({ named }) => !named).length, 0);
  const pairs = fired.reduce((sum, rule) => sum + rule.on.length, 0);
  return [
    '# The rules that come with Spoor',
    '',
    'Printed by `node scripts/built-in-rules.mjs` from the folder `rules`, ' +
      `${archives.length} archives of recorded attacks (${events} events, https://securitydatasets.com) and ` +
      `${background} generated background events.`,
    '',
    '```sh',
    'spoor rule test rules',
    'spoor rule apply rules          # shows the plan',
    'spoor rule apply rules --yes',
    '```',
    '',
    `- ${fired.length} rules. At least one fires on ${caught.length} of the ${archives.length} archives; at least ` +
      `one that names a technique of the archive, on ${told.length}.`,
    `- Of ${pairs} pairs of a rule and an archive on which it fires, ${pairs - strays.length} are of a rule that ` +
      `names a technique of the archive, ${strays.length} are not, ${cleared} of them \`event-log-cleared\`: whoever ` +
      'recorded the attack had emptied the logs before.',
    `- On the background, a generated month of a company that nobody attacks: ${silent.length} of ${fired.length} rules ` +
      `are silent; ${rows} rows, ${((rows * 100_000) / background).toFixed(2)} for 100,000 events. ${resembling} of its ` +
      'events are what administrators and software do that resembles an attack: tools of remote management, ' +
      'installers, inventories, tasks, scripts (`bench/background`). The rules were mended until they were silent on ' +
      'these; what a company runs besides can still trip them.',
    '',
    'Technique names are compared without the part after the dot.',
    '',
    '## By rule',
    '',
    '| rule | severity | techniques | archives | of them with a technique it names | events that resemble it | rows of the background |',
    '| --- | --- | --- | --- | --- | --- | --- |',
    ...fired.map(({ name, severity, techniques, on: where, lookAlikes, background: noise }) => {
      const named = where.filter((each) => each.named).length;
      const figures = [where.length, named, lookAlikes, noise].join(' | ');
      return `| \`${name}\` | ${severity} | ${techniques.join(', ')} | ${figures} |`;
    }),
    '',
    '## By archive',
    '',
    '| archive | rules, with their rows |',
    '| --- | --- |',
    ...archives.map((archive) => {
      const names = on(archive, () => true).map((rule) => {
        const hit = rule.on.find((each) => each.archive === archive);
        return `${rule.name} (${hit?.rows ?? 0}${hit?.named === true ? '' : ', technique not named'})`;
      });
      return `| ${archive} | ${names.join(', ')} |`;
    }),
    '',
  ].join('\n');
}
