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

/** Reads rows of our own making, as arrays of JSON values; 64-bit integers as strings. */
export async function readRows(engine: Engine, statement: string): Promise<unknown[][]> {
  const settings = { output_format_json_quote_64bit_integers: '1' };
  const bytes = await withSession(engine, settings, (connection) =>
    connection.query(statement, 'JSONCompactEachRow'),
  );
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
