import { readCell, writeCell } from '../../kql/beside/cells.ts';
import { COLUMN_MAKERS } from '../../kql/beside/columns.ts';
import {
  type Budget,
  BudgetSpent,
  type Cell,
  ProgramFault,
  type ScalarProgram,
  type Table,
} from '../../kql/beside/contract.ts';
import { PLACES } from '../../kql/beside/places.ts';
import { PROGRAMS } from '../../kql/beside/programs/index.ts';
import { SCALARS } from '../../kql/beside/scalars/index.ts';
import type { StageWork } from '../../kql/index.ts';
import type { Column } from '../../model/table-schema.ts';
import { readExternalRows } from '../external/read.ts';
import type { LocalFile } from './local-file.ts';
import { openPlaces, type Places } from './places.ts';

/** Rows of one input, each a list of raw JSON tokens as the engine wrote them. */
export interface RawTable {
  readonly columns: readonly Column[];
  readonly rows: readonly (readonly string[])[];
}

/** One stage's work with all that it reads: plain data, so that it crosses a thread's border. */
export interface BesideJob {
  readonly work: StageWork;
  readonly inputs: readonly RawTable[];
  /** Of the answer. */
  readonly columns: readonly Column[];
  /** What the addresses of files outside were found to be. */
  readonly files: readonly LocalFile[];
  /** A MaxMind database, or a folder of them. */
  readonly placesPath?: string;
  readonly maxRows: number;
  /** Of the rows as JSON. */
  readonly maxBytes: number;
  /** From when the work begins; undefined lifts it. */
  readonly timeoutMs: number | undefined;
}

export type BesideAnswer =
  /** `body`: a JSON array for each row, as `Database.insert` takes it. */
  | { readonly kind: 'rows'; readonly body: Uint8Array; readonly rowCount: number }
  | { readonly kind: 'columns'; readonly columns: readonly Column[] }
  /** The query's fault, in a sentence for its author. */
  | { readonly kind: 'fault'; readonly message: string }
  /** More rows or bytes than allowed. */
  | { readonly kind: 'too-many'; readonly detail: string }
  | { readonly kind: 'timeout' };

/** Does the work. Throws only on a bug of ours. */
export async function runJob(job: BesideJob): Promise<BesideAnswer> {
  const budget = budgetOf(job);
  try {
    if (job.work.kind === 'columns') {
      const maker = COLUMN_MAKERS[job.work.name];
      const input = job.inputs[0];
      if (!maker || !input) throw new Error(`no maker of columns \`${job.work.name}\``);
      return { kind: 'columns', columns: maker(tableOf(input, budget), job.work.options) };
    }
    return await encode(rowsOf(job, budget), job, budget);
  } catch (error) {
    if (error instanceof ProgramFault) return { kind: 'fault', message: error.message };
    if (error instanceof BudgetSpent) return { kind: 'timeout' };
    throw error;
  }
}

type Rows = Iterable<readonly Cell[]> | AsyncIterable<readonly Cell[]>;

function rowsOf(job: BesideJob, budget: Budget): Rows {
  const { work, inputs } = job;
  switch (work.kind) {
    case 'program': {
      const program = PROGRAMS[work.name];
      if (!program) throw new Error(`no program \`${work.name}\``);
      const tables = inputs.map((input) => tableOf(input, budget));
      return program.run(tables, work.options, budget);
    }
    case 'scalar':
      return scalarRows(computeOf(work.name, job), inputs[0], budget);
    case 'external':
      return readExternalRows({ ...work, files: job.files, columns: job.columns }, budget);
    case 'columns':
      throw new Error('columns are no rows');
  }
}

function computeOf(name: string, { placesPath }: BesideJob): ScalarProgram['compute'] {
  if (name === PLACES && placesPath !== undefined) {
    const places = placesAt(placesPath);
    return ([address]) => places(address ?? null);
  }
  const program = SCALARS[name];
  if (!program) throw new Error(`no scalar program \`${name}\``);
  return program.compute;
}

/** One per thread: a database of cities has some 60 MB. */
let opened: { readonly path: string; readonly places: Places } | undefined;

function placesAt(path: string): Places {
  if (opened?.path !== path) opened = { path, places: openPlaces(path) };
  return opened.places;
}

/** The arguments, then the result. */
function* scalarRows(
  compute: ScalarProgram['compute'],
  input: RawTable | undefined,
  budget: Budget,
): Generator<readonly Cell[]> {
  if (!input) throw new Error('a scalar program without rows');
  const types = input.columns.map((column) => column.type);
  for (const tokens of input.rows) {
    budget.check();
    const args = tokens.map((token, i) => readCell(token, types[i] ?? 'string'));
    yield [...args, compute(args, types)];
  }
}

function tableOf(input: RawTable, budget: Budget): Table {
  const types = input.columns.map((column) => column.type);
  const rows = input.rows.map((tokens) => {
    budget.check();
    return tokens.map((token, i) => readCell(token, types[i] ?? 'string'));
  });
  return { columns: input.columns, rows };
}

async function encode(rows: Rows, job: BesideJob, budget: Budget): Promise<BesideAnswer> {
  const pieces: Buffer[] = [];
  let piece = '';
  let bytes = 0;
  let rowCount = 0;
  const flush = (): void => {
    const buffer = Buffer.from(piece);
    bytes += buffer.length;
    pieces.push(buffer);
    piece = '';
  };
  for await (const row of rows) {
    budget.check();
    if (row.length !== job.columns.length)
      throw new Error(`a stage made a row of ${row.length} cells for ${job.columns.length} columns`);
    if (++rowCount > job.maxRows) return { kind: 'too-many', detail: `over ${job.maxRows} rows` };
    piece += `[${row.map((cell, i) => writeCell(cell, job.columns[i]?.type ?? 'string')).join(',')}]\n`;
    if (piece.length > PIECE_CHARS) flush();
    if (bytes > job.maxBytes) return { kind: 'too-many', detail: `over ${job.maxBytes} bytes` };
  }
  flush();
  return { kind: 'rows', body: Buffer.concat(pieces), rowCount };
}

const PIECE_CHARS = 256 * 1024;

/** The clock is asked now and then: often enough for a deadline, seldom enough for a row loop. */
function budgetOf({ timeoutMs, maxRows }: BesideJob): Budget {
  const until = performance.now() + (timeoutMs ?? Number.POSITIVE_INFINITY);
  let calls = 0;
  return {
    maxRows,
    check() {
      if (++calls % 256 === 0 && performance.now() > until) throw new BudgetSpent('the deadline has passed');
    },
  };
}
