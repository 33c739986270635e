#!/usr/bin/env node
import { Command, CommanderError } from 'commander';
import { SETTINGS } from '../config/settings.ts';
import { addApp } from './app.ts';
import { addApply } from './apply.ts';
import { addCheck } from './check.ts';
import { addEngine } from './engine.ts';
import { addExplain } from './explain.ts';
import { EXIT_USAGE, reportFailure } from './failure.ts';
import { addFunction } from './function.ts';
import { addGroup } from './group.ts';
import { addIngest } from './ingest.ts';
import { addIssuer } from './issuer.ts';
import { addQuery } from './query.ts';
import { addRole } from './role.ts';
import { addRule } from './rule.ts';
import { addCertificate, addSecret } from './secret.ts';
import { addServe } from './serve.ts';
import { addSiem } from './siem.ts';
import { addTenant } from './tenant.ts';
import { addUser } from './user.ts';
import { addWatchlist } from './watchlist.ts';

/** The options of every command. Their defaults come from the environment or the settings, not from here. */
function common(command: Command): Command {
  return command
    .option('--data <dir>', `data folder (${SETTINGS.dataDir.env}; default ${SETTINGS.dataDir.fallback})`)
    .option('--url <url>', 'a running server (SPOOR_URL; default: the one that runs on the data folder)')
    .option('--tenant <id or domain>', "tenant (default: the server's)");
}

const program = new Command('spoor')
  .description('Threat hunting with KQL on your own events')
  // Set before the commands are added, which inherit it.
  .exitOverride()
  .configureOutput({ outputError: (text, write) => write(text.replace(/^error: /, 'Usage: ')) })
  .showHelpAfterError('(add --help for what is possible)');
for (const add of [
  addServe,
  addEngine,
  addTenant,
  addApp,
  addSecret,
  addCertificate,
  addUser,
  addRole,
  addGroup,
  addIssuer,
  addApply,
  addIngest,
  addQuery,
  addCheck,
  addExplain,
  addRule,
  addSiem,
  addFunction,
  addWatchlist,
]) {
  add(program, common);
}
// `spoor query ... | head` ends the reader first: that is no failure.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  process.exit(0);
});

try {
  await program.parseAsync();
} catch (error) {
  if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? 0 : EXIT_USAGE;
  else process.exitCode = reportFailure(error);
}
