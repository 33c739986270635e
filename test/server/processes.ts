import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';

/** The process of a server's embedded engine: the only one that the server starts. */
export function enginePid(serverPid: number | undefined): number {
  const children = processes().filter(({ parent, isZombie }) => parent === serverPid && !isZombie);
  const [engine] = children;
  if (engine === undefined || children.length !== 1) {
    throw new Error(`the server has ${children.length} child processes`);
  }
  return engine.pid;
}

/** A process that has ended, and that nobody has waited for yet, does not run. */
export function isRunning(pid: number): boolean {
  return processes().some((one) => one.pid === pid && !one.isZombie);
}

interface ProcessEntry {
  readonly pid: number;
  readonly parent: number;
  readonly isZombie: boolean;
}

function processes(): ProcessEntry[] {
  if (existsSync('/proc/self/stat')) return processesOfLinux();
  const table = execFileSync('ps', ['-A', '-o', 'pid=,ppid=,stat='], { encoding: 'utf8' });
  return table
    .trim()
    .split('\n')
    .map((line) => {
      const [pid, parent, state = ''] = line.trim().split(/\s+/);
      return { pid: Number(pid), parent: Number(parent), isZombie: state.startsWith('Z') };
    });
}

function processesOfLinux(): ProcessEntry[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      try {
        // `pid (name) state parent ...`, and a name may hold anything: proc_pid_stat(5).
        const stat = readFileSync(`/proc/${name}/stat`, 'utf8');
        const [state, parent] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
        return [{ pid: Number(name), parent: Number(parent), isZombie: state === 'Z' }];
      } catch {
        return [];
      }
    });
}
