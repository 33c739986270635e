import type { EmbeddedEngine, SupervisorOptions } from './supervisor.ts';
import { startEmbeddedEngine } from './supervisor.ts';

/**
 * `spoor engine --data DIR --port N`: the engine process by itself, watched and restarted, until SIGTERM or SIGINT.
 * `announce` gets the line for standard output: `{"ready":true,"url":...,"keyFile":...,"pid":...}`. Resolves when
 * the engine has stopped; rejects where it cannot start.
 */
export async function runEngineProcess(
  options: SupervisorOptions,
  announce: (line: string) => void,
): Promise<void> {
  const engine: EmbeddedEngine = await startEmbeddedEngine(options);
  announce(
    JSON.stringify({
      ready: true,
      url: engine.url,
      keyFile: engine.keyFile,
      pid: engine.pid,
    }),
  );
  await new Promise<void>((resolve) => {
    process.once('SIGTERM', () => resolve()).once('SIGINT', () => resolve());
  });
  await engine.stop();
}
