import type { Command } from 'commander';
import { loadConfig } from '../config/load.ts';
import { untilStopped } from './until-stopped.ts';

/**
 * `spoor engine --data DIR --port N`: runs the engine process alone until SIGTERM or SIGINT. Prints
 * `{"ready":true,"url":...,"keyFile":...}` on one line when it answers; it answers only to the key in that file.
 */
export function addEngine(program: Command, common: (command: Command) => Command): void {
  common(program.command('engine'))
    .description('run the engine process of a data folder alone')
    .option('--port <port>', 'port to listen on, on loopback; 0 picks a free one', '0')
    .action(async ({ data, port }: { data?: string; port: string }) => {
      const config = loadConfig({
        flags: { port, ...(data === undefined ? {} : { dataDir: data }) },
        env: process.env,
      });
      const stopped = untilStopped();
      const { startEngine } = await import('../main.ts');
      const engine = await startEngine(config, (line) => process.stderr.write(`${line}\n`), config.port);
      process.stdout.write(`${JSON.stringify({ ready: true, url: engine.url, keyFile: engine.keyFile })}\n`);
      await stopped;
      await engine.stop();
    });
}
