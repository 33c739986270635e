import { type Command, Option } from 'commander';
import { loadConfig } from '../config.ts';
import { untilStopped } from './until-stopped.ts';

interface ServeOptions {
  readonly data?: string;
  readonly tenant?: string;
  readonly port?: string;
  readonly host?: string;
  readonly sample?: boolean;
}

/**
 * `spoor serve`: runs the server until SIGTERM or SIGINT. Prints `{"ready":true,"url":...,"tenant":...}` on one line
 * when it accepts requests.
 */
export function addServe(program: Command, common: (command: Command) => Command): void {
  common(program.command('serve'))
    .description('run the server')
    .option('--port <port>', 'port to listen on; 0 picks a free one')
    .option('--host <host>', 'address to listen on')
    .addOption(new Option('--sample', 'put the sample events in, moved to now').default(false))
    .addOption(new Option('--no-sample', 'leave the sample events as they are (the default)'))
    .action(async ({ data, tenant, port, host, sample }: ServeOptions) => {
      const config = loadConfig({
        flags: {
          ...(data === undefined ? {} : { dataDir: data }),
          ...(tenant === undefined ? {} : { tenant }),
          ...(port === undefined ? {} : { port }),
          ...(host === undefined ? {} : { host }),
        },
        env: process.env,
      });
      const stopped = untilStopped();
      // Loaded here, for the other commands need nothing of it.
      const { startServer } = await import('../main.ts');
      const server = await startServer(config, { sample: sample === true });
      process.stdout.write(`${JSON.stringify({ ready: true, url: server.url, tenant: server.tenant })}\n`);
      await stopped;
      await server.stop();
    });
}
