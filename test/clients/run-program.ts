import { spawn } from 'node:child_process';

/** What each client in a program was given; `failure` says why it was not. */
export type Results = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

/** Runs a program of real clients in a process of its own; it prints its results as JSON. */
export async function runProgram(
  command: readonly [string, ...string[]],
  env: Readonly<Record<string, string>>,
): Promise<Results> {
  const [file, ...args] = command;
  const child = spawn(file, args, { env: { ...process.env, ...env } });
  let text = '';
  let complaint = '';
  child.stdout.on('data', (piece: Buffer) => {
    text += piece;
  });
  child.stderr.on('data', (piece: Buffer) => {
    complaint += piece;
  });
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
  if (code !== 0) throw new Error(`the program ended with ${code}: ${complaint}`);
  return JSON.parse(text) as Results;
}
