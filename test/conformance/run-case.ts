import type { ExternalFiles } from '../../src/hunting/external/files.ts';
import type { StagedCompile } from '../../src/hunting/stages.ts';
import type { CatalogView } from '../../src/model/table-schema.ts';
import type { ConformanceCase, Expectation } from './cases.ts';
import { showCell } from './cell.ts';
import { type Answer, difference } from './compare.ts';
import type { Refused } from './compiler.ts';
import type { Engine } from './engine.ts';
import type { Outcome, Result } from './outcome.ts';
import { compileStaged } from './staged.ts';

export interface CaseContext {
  readonly catalog: CatalogView;
  readonly engine: Engine;
  readonly database: string;
  readonly existing: ReadonlySet<string>;
  readonly nowTicks: bigint;
  readonly passes: boolean;
  readonly external: ExternalFiles;
}

/** Compiles and runs one case and compares what comes. Never throws. */
export async function runCase(testCase: ConformanceCase, context: CaseContext): Promise<Outcome> {
  const started = performance.now();
  const end = (result: Result, reason: string, got: string, sql = ''): Outcome => ({
    id: testCase.id,
    family: testCase.family,
    result: testCase.disputed === undefined || result === 'right' ? result : 'disputed',
    reason,
    ms: performance.now() - started,
    report:
      result === 'right'
        ? undefined
        : { query: testCase.query, expected: showExpectation(testCase.expected), got, sql },
  });

  const staged = await compileCase(testCase, context, context.passes);
  if (staged instanceof Error) return end('bug', firstWords(staged.message), staged.stack ?? staged.message);
  try {
    return await runCompiled(testCase, staged.outcome, context, end);
  } finally {
    await staged.dispose();
  }
}

async function runCompiled(
  testCase: ConformanceCase,
  compiled: StagedCompile['outcome'],
  context: CaseContext,
  end: (result: Result, reason: string, got: string, sql?: string) => Outcome,
): Promise<Outcome> {
  if (!compiled.ok) {
    if (testCase.expected.kind === 'rejected') return end('right', '', '');
    return end('refused', refusalReason(compiled), showDiagnostics(compiled));
  }

  let answer: Answer;
  try {
    answer = { columns: compiled.columns, rows: await context.engine.select(compiled.statement.text) };
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    // Only an assertion of the query itself may fail in the engine: `throwIf`, error 395.
    if (testCase.expected.kind === 'rejected' && message.includes('Code: 395')) return end('right', '', '');
    return end('engine', engineReason(message), message, compiled.statement.text);
  }
  const got = showAnswer(answer);
  if (answer.rows.some((row) => row.length !== answer.columns.length)) {
    return end('bug', 'rows and columns differ in number', got, compiled.statement.text);
  }
  if (testCase.expected.kind === 'rejected') return end('accepted', 'accepted', got, compiled.statement.text);
  const wrong = difference(testCase.expected, answer);
  if (wrong !== undefined) return end(wrong, wrong, got, compiled.statement.text);
  const plain =
    testCase.suite === 'hunting' && context.passes ? await unoptimized(testCase, context) : undefined;
  if (plain === undefined || sameRows(testCase.query, plain.rows, answer.rows)) return end('right', '', '');
  return end(
    'rows',
    'passes change the rows',
    `${got}\nwithout passes:\n${showAnswer(plain)}`,
    compiled.statement.text,
  );
}

/** What the query answers with its plan as it was lowered; undefined where that does not run. */
async function unoptimized(testCase: ConformanceCase, context: CaseContext): Promise<Answer | undefined> {
  const staged = await compileCase(testCase, context, false);
  if (staged instanceof Error) throw staged;
  try {
    const { outcome } = staged;
    if (!outcome.ok) throw new Error(`without passes: ${showDiagnostics(outcome)}`);
    return { columns: outcome.columns, rows: await context.engine.select(outcome.statement.text) };
  } finally {
    await staged.dispose();
  }
}

/** What may answer other rows each time it is asked: it takes one of several, and no page says which. */
const FREE_CHOICE = /\bjoin\b(?!\s+kind)|\b(innerunique|take|limit|sample|any|take_any|arg_max|arg_min)\b/;

/** The same rows, in whatever order; as many, where the query leaves the choice free. */
function sameRows(query: string, one: Answer['rows'], other: Answer['rows']): boolean {
  if (FREE_CHOICE.test(query) && one.length === other.length) return true;
  const sorted = (rows: Answer['rows']) => rows.map((row) => row.join('\u0000')).sort();
  return sorted(one).join('\n') === sorted(other).join('\n');
}

async function compileCase(
  testCase: ConformanceCase,
  context: CaseContext,
  passes: boolean,
): Promise<StagedCompile | Error> {
  try {
    const options = {
      nowTicks: context.nowTicks,
      database: context.database,
      existing: context.existing,
      passes,
      check: true,
    };
    return await compileStaged(testCase.query, context.catalog, options, context.engine, context.external);
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}

/** The first diagnostic's code and the names in backticks of its message: `unsupported-function series_fir`. */
export function refusalReason(refused: Pick<Refused, 'diagnostics'>): string {
  const first = refused.diagnostics[0];
  if (first === undefined) return 'no diagnostic';
  const name = /[`'"]([^`'"]+)[`'"]/.exec(first.message)?.[1];
  return name === undefined ? first.code : `${first.code} ${name}`;
}

/** The engine's error class: `Code: 47 UNKNOWN_IDENTIFIER`, with the start of its message. */
export function engineReason(message: string): string {
  const code = /Code: (\d+)/.exec(message)?.[1] ?? '?';
  const name = /\(([A-Z_]{4,})\)\s*$/.exec(message.trim())?.[1] ?? '';
  return `${code} ${name}: ${firstWords(message.replace(/^.*?DB::Exception: /s, ''))}`;
}

function firstWords(message: string): string {
  return (message.split('\n')[0] ?? '')
    .replace(/[`'"][^`'"]*[`'"]/g, '*')
    .replace(/\d+/g, '0')
    .slice(0, 70);
}

function showDiagnostics(refused: Pick<Refused, 'diagnostics'>): string {
  return refused.diagnostics
    .map(({ code, message, line, column }) => `${line}:${column} ${code}: ${message}`)
    .join('\n');
}

function showAnswer(answer: Answer): string {
  const head = answer.columns.map(({ name, type }) => `${name}:${type}`).join(' | ');
  const rows = answer.rows
    .slice(0, 20)
    .map((row) => row.map((token, i) => showCell(token, answer.columns[i]?.type ?? 'string')).join(' | '));
  const rest = answer.rows.length > 20 ? [`(${answer.rows.length} rows)`] : [];
  return [head, ...rows, ...rest].join('\n');
}

function showExpectation(expected: Expectation): string {
  switch (expected.kind) {
    case 'rejected':
      return 'an error';
    case 'runs':
      return `columns ${expected.columns.map((names) => names.join(' | ')).join('  or  ') || 'of any name'}`;
    case 'text':
      return `${expected.place}: ${expected.text}`;
    case 'rows': {
      const names = expected.columns[0] ?? [];
      const head = names.map((name, i) => `${name}:${expected.types?.[i] ?? '?'}`).join(' | ');
      const sets = expected.alternatives.map((rows) =>
        rows
          .slice(0, 20)
          .map((row) =>
            row.map((cell) => (typeof cell === 'string' ? cell : JSON.stringify(cell))).join(' | '),
          )
          .join('\n'),
      );
      const how = [expected.ordered ? 'ordered' : '', expected.extent === 'all' ? '' : expected.extent]
        .join(' ')
        .trim();
      return [...(how === '' ? [] : [`(${how})`]), head, sets.join('\nor\n')].join('\n');
    }
  }
}
