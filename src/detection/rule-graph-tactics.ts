type Members = Readonly<Record<string, unknown>>;

/**
 * `alertTemplate.tactics` of a rule: its category with its techniques, sub-techniques under theirs.
 * Source: https://learn.microsoft.com/graph/api/resources/security-mitretactic
 */
export function tacticsOf(category: string, techniques: readonly string[]): readonly Members[] {
  const bare = [...new Set(techniques.map((id) => id.slice(0, 5)))];
  return [
    {
      tactic: category,
      techniques: bare.map((technique) => ({
        technique,
        subTechniques: techniques.filter((id) => id.startsWith(`${technique}.`)),
      })),
    },
  ];
}

/** The category is the first tactic. A technique with sub-techniques stands for these. */
export function readTactics(tactics: unknown): { readonly category: unknown; readonly techniques: unknown } {
  if (!Array.isArray(tactics)) return { category: undefined, techniques: undefined };
  const each = (tactics as readonly Members[]).map(({ tactic, techniques }) => ({
    tactic,
    techniques: (Array.isArray(techniques) ? (techniques as readonly Members[]) : []).flatMap(
      ({ technique, subTechniques }) =>
        Array.isArray(subTechniques) && subTechniques.length > 0 ? subTechniques : [technique],
    ),
  }));
  return { category: each[0]?.tactic, techniques: each.flatMap(({ techniques }) => techniques) };
}
