import { closeSync, mkdirSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';

/** Puts malformed input aside for a person to look at: one JSON object a line, `file`, `line`, `reason`, `text`. */
export interface Rejects {
  add(file: string, line: number, reason: string, text: string): void;
  close(): void;
}

const MAX_TEXT = 4096;
/** Of one delivery. What is beyond is counted, not kept. */
const MAX_BYTES = 16 * 1024 * 1024;

/** The rejects of one delivery: `<dataDir>/rejects/<tenant>/<id>.ndjson`, made with the first one, owner only. */
export function createRejects(dataDir: string, tenant: string, id: string): Rejects {
  let fd: number | undefined;
  let bytes = 0;
  return {
    add(file, line, reason, text) {
      if (bytes > MAX_BYTES) return;
      if (fd === undefined) {
        const folder = join(dataDir, 'rejects', tenant);
        mkdirSync(folder, { recursive: true, mode: 0o700 });
        fd = openSync(join(folder, `${id}.ndjson`), 'a', 0o600);
      }
      const entry = { file, line, reason, text: text.slice(0, MAX_TEXT).toWellFormed() };
      bytes += writeSync(fd, `${JSON.stringify(entry)}\n`);
    },
    close() {
      if (fd !== undefined) closeSync(fd);
      fd = undefined;
    },
  };
}
