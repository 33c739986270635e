import { describe, expect, it } from 'vitest';
import { serviceText } from './service-text.ts';

function unresolved(code: string, query: string, name: string) {
  const start = query.lastIndexOf(name);
  const place = { start, length: name.length, line: 1, column: start + 1 };
  return serviceText(query, { code, kind: 'semantic', message: 'other words.', ...place });
}

// Clients match on these texts, so they are asserted.
describe('the words of the service', () => {
  it.each([
    [
      'KS204',
      'EmailEvts | where Timestamp > ago(1h)',
      'EmailEvts',
      "'where' operator: Failed to resolve table or column expression named 'EmailEvts'",
    ],
    [
      'KS204',
      'T | join (Nope | take 1) on x',
      'Nope',
      "'take' operator: Failed to resolve table or column expression named 'Nope'",
    ],
    [
      'KS204',
      'union T, Nope',
      'Nope',
      "'union' operator: Failed to resolve table or column expression named 'Nope'",
    ],
    ['KS142', 'Nope', 'Nope', "Failed to resolve table or column expression named 'Nope'"],
    [
      'KS142',
      'DeviceInfo | project Nme',
      'Nme',
      "'project' operator: Failed to resolve scalar expression named 'Nme'",
    ],
    [
      'KS142',
      'T | where a == "x | y" // | z\n and f(Nme)',
      'Nme',
      "'where' operator: Failed to resolve scalar expression named 'Nme'",
    ],
    [
      'KS142',
      'T | join (U | take 1) on Nme',
      'Nme',
      "'join' operator: Failed to resolve scalar expression named 'Nme'",
    ],
    [
      'KS142',
      'let a = T | take 1; a | project-away Nme',
      'Nme',
      "'project-away' operator: Failed to resolve scalar expression named 'Nme'",
    ],
    ['KS211', 'T | where foo(x)', 'foo', "Unknown function: 'foo'"],
    ['KS141', 'T | where 1', '1', 'other words'],
  ])('for %s in %s', (code, query, name, expected) => {
    expect(unresolved(code, query, name)).toBe(expected);
  });

  it('for what cannot be read', () => {
    const at = { code: 'KS176', kind: 'syntax', message: 'm', start: 4, line: 1, column: 5 } as const;
    expect(serviceText('T | wher x', { ...at, length: 4 })).toBe('A recognition error occurred.');
    expect(serviceText('T | ', { ...at, length: 0 })).toBe('Query operator expected.');
  });
});
