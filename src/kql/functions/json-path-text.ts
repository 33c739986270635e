/**
 * The steps of a JSONPath: property names, and zero-based array places as bigint. Undefined where the text is none.
 * Only `$`, `.name`, `['name']` and `[place]` exist. https://learn.microsoft.com/kusto/query/jsonpath
 */
export function parseJsonPath(path: string): readonly (bigint | string)[] | undefined {
  const step = /\.([^.[\]'"\s]+)|\[(-?\d+)\]|\['((?:[^'\\]|\\.)*)'\]|\["((?:[^"\\]|\\.)*)"\]/y;
  if (!path.startsWith('$')) return undefined;
  const steps: (bigint | string)[] = [];
  step.lastIndex = 1;
  while (step.lastIndex < path.length) {
    const match = step.exec(path);
    if (match === null) return undefined;
    const [, name, place, single, double] = match;
    const quoted = (single ?? double)?.replaceAll(/\\(.)/g, '$1');
    steps.push(place === undefined ? (name ?? quoted ?? '') : BigInt(place));
  }
  return steps;
}
