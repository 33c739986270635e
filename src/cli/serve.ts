import { type Command, Option } from 'commander';
import { loadConfig } from '../config/load.ts';
import { untilStopped } from './until-stopped.ts';

interface ServeOptions {
  readonly data?: string;
  readonly tenant?: string;
  readonly port?: string;
  readonly host?: string;
  readonly tls?: string;
  readonly tlsCert?: string;
  readonly tlsKey?: string;
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
    .option(
      '--tls <how>',
      '`self-signed`: HTTPS with a certificate that the server makes; prints what to trust',
    )
    .option('--tls-cert <file>', 'HTTPS with this certificate, PEM')
    .option('--tls-key <file>', 'its private key, PEM')
    .addOption(new Option('--sample', 'put the sample events in, moved to now').default(false))
    .addOption(new Option('--no-sample', 'leave the sample events as they are (the default)'))
    .action(async ({ data, tenant, port, host, sample, tls, tlsCert, tlsKey }: ServeOptions) => {
      const config = loadConfig({
        flags: {
          ...(data === undefined ? {} : { dataDir: data }),
          ...(tenant === undefined ? {} : { tenant }),
          ...(port === undefined ? {} : { port }),
          ...(host === undefined ? {} : { host }),
          ...(tls === undefined ? {} : { tls }),
          ...(tlsCert === undefined ? {} : { tlsCertFile: tlsCert }),
          ...(tlsKey === undefined ? {} : { tlsKeyFile: tlsKey }),
        },
        env: process.env,
      });
      const stopped = untilStopped();
      // Loaded here, for the other commands need nothing of it.
      const { startServer } = await import('../main.ts');
      const server = await startServer(config, { sample: sample === true });
      const { url, caFile } = server;
      process.stdout.write(`${JSON.stringify({ ready: true, url, tenant: server.tenant, caFile })}\n`);
      await stopped;
      await server.stop();
    });
}
