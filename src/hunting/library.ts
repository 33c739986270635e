import { tenantDatabase } from '../catalog/ddl.ts';
import type { Clock } from '../model/clock.ts';
import type { Library, SavedFunction } from '../model/library.ts';
import { RequestError } from '../model/request-error.ts';
import {
  deleteFunction,
  type FunctionRecord,
  libraryVersion,
  listFunctions,
  listWatchlists,
  putFunction,
} from '../store/library.ts';
import type { Store } from '../store/store.ts';
import type { Compiler } from './compile-pool.ts';
import { nowTicks } from './open.ts';

export interface LibraryParts {
  readonly store: Store;
  readonly compiler: Pick<Compiler, 'define'>;
  readonly clock: Clock;
}

export interface FunctionInput extends SavedFunction {
  readonly folder: string;
  readonly docstring: string;
}

/** The functions that a tenant's administrators save, and what the compiler is told of them and of the watchlists. */
export interface FunctionLibrary {
  list(tenant: string): Promise<readonly FunctionRecord[]>;
  /** Checks and stores. Rejects with `InvalidInput` (400) that tells each fault's code, place and message. */
  put(tenant: string, input: FunctionInput): Promise<FunctionRecord>;
  /** Rejects with `ResourceNotFound` (404), and with `FunctionInUse` (409) while another function calls it. */
  remove(tenant: string, name: string): Promise<void>;
  /** Undefined where the tenant has never had any. */
  library(tenant: string): Promise<Library | undefined>;
}

const MAX_FUNCTIONS = 1000;
const MAX_BODY_CHARS = 200_000;

export function createFunctionLibrary(parts: LibraryParts): FunctionLibrary {
  const { db } = parts.store;
  const known = new Map<string, Library>();

  async function library(tenant: string): Promise<Library | undefined> {
    const number = await libraryVersion(db, tenant);
    if (number === 0) return undefined;
    const version = `${tenant}:${number}`;
    const kept = known.get(tenant);
    if (kept?.version === version) return kept;
    const functions = (await listFunctions(db, tenant)).map(({ name, parameters, body }) => ({
      name,
      parameters,
      body,
    }));
    const watchlists = (await listWatchlists(db, tenant)).map(({ alias, table, columns }) => ({
      alias,
      table,
      columns,
    }));
    const made = { version, functions, watchlists };
    known.set(tenant, made);
    return made;
  }

  return {
    list: (tenant) => listFunctions(db, tenant),
    library,
    async put(tenant, input) {
      demandShape(input);
      const others = (await listFunctions(db, tenant)).filter(({ name }) => name !== input.name);
      if (others.length >= MAX_FUNCTIONS) throw invalid(`a tenant has at most ${MAX_FUNCTIONS} functions`);
      const defined = await parts.compiler.define(
        { name: input.name, parameters: input.parameters, body: input.body },
        {
          nowTicks: nowTicks(parts.clock),
          database: tenantDatabase(tenant),
          existing: new Set(),
          library: await library(tenant),
        },
      );
      if (!defined.ok) {
        const faults = defined.diagnostics.map((d) => `${d.line}:${d.column} ${d.code} ${d.message}`);
        throw invalid(`\`${input.name}\` is no function of the language: ${faults.join('; ')}`);
      }
      demandNoCircle(input.name, defined.calls, others);
      const updatedAt = new Date(parts.clock.nowMs()).toISOString();
      const record: FunctionRecord = { ...input, calls: defined.calls, updatedAt };
      await putFunction(db, tenant, record);
      return record;
    },
    async remove(tenant, name) {
      const callers = (await listFunctions(db, tenant)).filter(({ calls }) => calls.includes(name));
      if (callers.length > 0) {
        const list = callers.map((caller) => `\`${caller.name}\``).join(', ');
        throw new RequestError('FunctionInUse', 409, `\`${name}\` is called by ${list}`);
      }
      if (!(await deleteFunction(db, tenant, name)))
        throw new RequestError('ResourceNotFound', 404, 'Resource function was not found');
    },
  };
}

function demandShape({ name, body }: FunctionInput): void {
  if (!/^[A-Za-z_][A-Za-z0-9_]{0,127}$/.test(name))
    throw invalid('`name` is a letter or `_`, then letters, digits and `_`, 128 at most');
  if (body.length > MAX_BODY_CHARS) throw invalid(`\`body\` has at most ${MAX_BODY_CHARS} characters`);
}

/** What a body calls is known when it is saved, so a circle can only come from saving a function anew. */
function demandNoCircle(name: string, calls: readonly string[], others: readonly FunctionRecord[]): void {
  const byName = new Map(others.map((other) => [other.name, other.calls]));
  const waiting = [...calls];
  const seen = new Set<string>();
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    if (next === name) throw invalid(`\`${name}\` would call itself`);
    if (seen.has(next)) continue;
    seen.add(next);
    waiting.push(...(byName.get(next) ?? []));
  }
}

function invalid(message: string): RequestError {
  return new RequestError('InvalidInput', 400, `Invalid input: ${message}`);
}
