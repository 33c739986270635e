import { connectDatabase } from '../clickhouse/client.ts';
import type { Database } from '../clickhouse/database.ts';
import { type EmbeddedEngine, startEmbeddedEngine } from '../clickhouse/embedded/supervisor.ts';
import type { Config } from '../config/settings.ts';
import { engineMemoryBytes, queryMemoryBytes } from './memory.ts';
import type { Stops } from './stops.ts';

/** The embedded engine or the server that the settings name, connected to. */
export async function startDatabase(
  config: Config,
  log: (line: string) => void,
  stops: Stops,
): Promise<Database> {
  const engine = config.clickhouseUrl === undefined ? await startEngine(config, log) : undefined;
  if (engine !== undefined) {
    stops.push(() => engine.stop());
    engine.onExit((how) => log(`the engine process ended with ${how}; it is started again`));
  }
  const database = connectDatabase({
    ...(engine === undefined
      ? {
          url: config.clickhouseUrl ?? '',
          ...optional('username', config.clickhouseUser),
          ...optional('password', config.clickhousePassword),
        }
      : { url: engine.url, key: engine.key, ready: () => engine.ready() }),
    caps: {
      ...optional('memoryBytes', queryMemoryBytes(config)),
      spillBytes: config.querySpillBytes,
      ...optional('threads', config.queryThreads),
    },
    ...optional('slots', config.querySlots),
  });
  stops.push(() => database.close());
  return database;
}

/** The engine process of a data folder alone, watched and started again. */
export function startEngine(
  config: Pick<Config, 'dataDir' | 'engineMemoryBytes'>,
  log: (line: string) => void,
  port = 0,
): Promise<EmbeddedEngine> {
  return startEmbeddedEngine({
    dataDir: config.dataDir,
    memoryBytes: engineMemoryBytes(config),
    port,
    log,
  });
}

function optional<Name extends string, Value>(
  name: Name,
  value: Value | undefined,
): Partial<Record<Name, Value>> {
  return value === undefined ? {} : ({ [name]: value } as Record<Name, Value>);
}
