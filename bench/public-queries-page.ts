export interface Measured {
  /** Of the archives. */
  readonly events: number;
  readonly backgroundEvents: number;
  readonly queries: number;
  readonly ran: number;
  /** How many by the code of the refusal. */
  readonly refused: ReadonlyMap<string, number>;
  /** Queries that find something in some archive. */
  readonly finding: number;
  /** Those of them that find nothing in the background. */
  readonly quiet: number;
  /** Ids of the queries that find something, by whether they are quiet on the background. */
  readonly archives: readonly {
    readonly name: string;
    readonly quiet: readonly string[];
    readonly noisy: readonly string[];
  }[];
}

const SHOWN = 3;

/** docs/public-queries.md */
export function queriesPage(measured: Measured): string {
  const { events, backgroundEvents, queries, ran, refused, finding, quiet, archives } = measured;
  const caught = archives.filter((each) => each.quiet.length > 0).length;
  const any = archives.filter((each) => each.quiet.length + each.noisy.length > 0).length;
  const reasons = [...refused].sort(([, a], [, b]) => b - a).map(([code, n]) => `${code}: ${n}`);
  return [
    '# Public hunting queries as rules',
    '',
    `Printed by \`node scripts/public-queries.mjs\`: ${queries} published hunting queries, run as rules run theirs, over ` +
      `${archives.length} archives of recorded attacks (${events} events, https://securitydatasets.com) and over the ` +
      `${backgroundEvents} background events of [built-in-rules.md](built-in-rules.md).`,
    '',
    `- ${ran} of ${queries} run${reasons.length === 0 ? '' : `; the others are refused or stopped (${reasons.join(', ')}), most for files of hosts that are not allowed here`}.`,
    `- ${finding} find something in an archive, ${quiet} of them nothing in the background.`,
    `- At least one query that is quiet on the background finds something in ${caught} of the ${archives.length} archives; ` +
      `at least one of all, inventories and statistics included, in ${any}.`,
    '',
    `The first ${SHOWN} of the quiet ones are named.`,
    '',
    '| archive | quiet queries that find something | others | among the quiet |',
    '| --- | --- | --- | --- |',
    ...archives.map((each) => {
      const names = each.quiet.slice(0, SHOWN).map((id) => `\`${id.replaceAll('|', '/')}\``);
      return `| ${each.name} | ${each.quiet.length} | ${each.noisy.length} | ${names.join(', ')} |`;
    }),
    '',
  ].join('\n');
}
