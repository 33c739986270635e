import { type Connection, type Engine, EngineFailure } from './native.ts';

/**
 * Runs `work` on a connection of its own and throws the connection away afterwards: a `chdb` session whose query
 * failed or was killed answers its next query with the failed query's rows, so none is ever used twice.
 */
export async function withSession<Result>(
  engine: Engine,
  settings: Readonly<Record<string, string>>,
  work: (connection: Connection) => Promise<Result>,
): Promise<Result> {
  const connection = engine.connect(settings);
  try {
    return await work(connection);
  } finally {
    connection.close();
  }
}

/** A connection for one hunting statement; `tag` is its `log_comment`, by which it is found while it runs. */
export interface HuntSession {
  readonly tag: string;
  readonly connection: Connection;
}

export interface HuntSessions {
  /** As `withSession`. */
  use<Result>(
    settings: Readonly<Record<string, string>>,
    work: (session: HuntSession) => Promise<Result>,
  ): Promise<Result>;
  close(): void;
}

/** Statements of a server differ in few settings: the caps, and the minutes that they have. */
const MAX_SPARES = 4;

/** Opening a connection takes half a millisecond: the next statement's is opened when one has ended. */
export function keepSpares(engine: Engine): HuntSessions {
  const spares = new Map<string, HuntSession>();
  let opened = 0;
  let closed = false;

  function open(settings: Readonly<Record<string, string>>): HuntSession {
    const tag = `hunt-${++opened}`;
    return { tag, connection: engine.connect({ ...settings, readonly: '1', log_comment: tag }) };
  }

  function refill(key: string, settings: Readonly<Record<string, string>>): void {
    if (closed || spares.has(key)) return;
    const [oldest] = spares;
    if (oldest !== undefined && spares.size >= MAX_SPARES) {
      spares.delete(oldest[0]);
      oldest[1].connection.close();
    }
    try {
      spares.set(key, open(settings));
    } catch {
      // An engine out of memory: the next statement opens its own, or tells why it cannot.
    }
  }

  return {
    async use(settings, work) {
      const key = JSON.stringify(settings);
      const session = spares.get(key) ?? open(settings);
      spares.delete(key);
      try {
        return await work(session);
      } finally {
        session.connection.close();
        setImmediate(refill, key, settings);
      }
    },
    close() {
      closed = true;
      for (const { connection } of spares.values()) connection.close();
      spares.clear();
    },
  };
}

/**
 * Small readings, often in the way of an answer: a formatter of several threads and the new analysis cost half as much
 * again.
 */
const ROW_SETTINGS = {
  output_format_json_quote_64bit_integers: '1',
  output_format_parallel_formatting: '0',
  enable_analyzer: '0',
};

/** Reads rows of our own making, as arrays of JSON values; 64-bit integers as strings. */
export async function readRows(engine: Engine, statement: string): Promise<unknown[][]> {
  return await withSession(engine, ROW_SETTINGS, (connection) => rowsOf(connection, statement));
}

/**
 * The same for statements that are read again and again, one after the other: each on the connection of the last one,
 * unless that failed.
 */
export function keepReading(engine: Engine): {
  read(statement: string): Promise<unknown[][]>;
  close(): void;
} {
  let kept: Connection | undefined;
  let last: Promise<unknown> = Promise.resolve();
  async function read(statement: string): Promise<unknown[][]> {
    kept ??= engine.connect(ROW_SETTINGS);
    const connection = kept;
    try {
      return await rowsOf(connection, statement);
    } catch (error) {
      kept = undefined;
      connection.close();
      throw error;
    }
  }
  return {
    read(statement) {
      const rows = last.then(() => read(statement));
      last = rows.catch(() => undefined);
      return rows;
    },
    close() {
      kept?.close();
      kept = undefined;
    },
  };
}

async function rowsOf(connection: Connection, statement: string): Promise<unknown[][]> {
  const bytes = await connection.query(statement, 'JSONCompactEachRow');
  return bytes
    .toString('utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as unknown[]);
}

/** Query ids are ours: plain enough to stand in a literal. */
function checkQueryId(id: string): string {
  if (!/^[A-Za-z0-9_.:-]{1,128}$/.test(id))
    throw new EngineFailure('Code: 36. DB::Exception: odd query id. (BAD_ARGUMENTS)');
  return id;
}

/**
 * Stops the statement that runs under `queryId`, again and again until `settled` does: the first attempt can come
 * before the engine has begun.
 */
export async function killUntilSettled(
  engine: Engine,
  queryId: string,
  settled: Promise<unknown>,
): Promise<void> {
  let over = false;
  const end = settled.then(
    () => {
      over = true;
    },
    () => {
      over = true;
    },
  );
  while (!over) {
    await withSession(engine, {}, (connection) =>
      connection.query(`KILL QUERY WHERE Settings['log_comment'] = '${checkQueryId(queryId)}' ASYNC`, 'Null'),
    ).catch(() => undefined);
    await Promise.race([end, new Promise((resolve) => setTimeout(resolve, 100))]);
  }
}
