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

const ROW_SETTINGS = { output_format_json_quote_64bit_integers: '1' };

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
export function checkQueryId(id: string): string {
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
