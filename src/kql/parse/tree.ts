import type { KustoObject } from './kusto.ts';

/** Ways through the parser's tree that mending needs. */
export function formOf(syntax: KustoObject): string {
  const full: string = syntax?.constructor?.$$name ?? '';
  const name = full.replace(/(\$\d+)?[[$].*$/, '');
  return name.slice(name.lastIndexOf('.') + 1);
}

/** Every node below and including this one, outer ones first. */
export function* nodesOf(syntax: KustoObject): Generator<KustoObject> {
  const waiting: KustoObject[] = [syntax];
  for (let next = waiting.pop(); next; next = waiting.pop()) {
    yield next;
    for (let i = next.ChildCount - 1; i >= 0; i--) {
      const child = next.GetChild(i);
      if (child && !child.IsToken) waiting.push(child);
    }
  }
}

/** The first node of that form at that place. */
export function nodeAt(root: KustoObject, forms: readonly string[], start: number): KustoObject | undefined {
  for (const node of nodesOf(root)) {
    if (node.TextStart === start && forms.includes(formOf(node))) return node;
  }
  return undefined;
}

/** The nearest node above (or this one) of that form. */
export function above(node: KustoObject, form: string): KustoObject | undefined {
  for (let next = node; next; next = next.Parent) if (formOf(next) === form) return next;
  return undefined;
}

export function endOf(node: KustoObject): number {
  return node.TextStart + node.Width;
}

export function textOf(node: KustoObject): string {
  return node.toString(0).trim();
}
