/** What has been sent so far. */
export interface ProgressState {
  readonly sentBytes: number;
  readonly totalBytes: number;
  /** Events of the files that the server has answered for. */
  readonly events: number;
  readonly elapsedMs: number;
}

export interface Progress {
  update(state: ProgressState): void;
  /** Prints a finished file, on a line of its own. */
  file(line: string): void;
  done(): void;
}

const REDRAW_MS = 200;

/** On a terminal one line that is drawn again; elsewhere plain lines, one for each file. Standard error. */
export function createProgress(out: NodeJS.WriteStream = process.stderr): Progress {
  let lastDrawnMs = 0;
  const clear = () => out.isTTY && out.write('\r\x1b[K');
  return {
    update(state) {
      if (!out.isTTY || state.elapsedMs - lastDrawnMs < REDRAW_MS) return;
      lastDrawnMs = state.elapsedMs;
      out.write(`\r\x1b[K${progressLine(state)}`);
    },
    file(line) {
      clear();
      out.write(`${line}\n`);
    },
    done() {
      clear();
    },
  };
}

/** `12,345 events  10.0 of 40.0 MB  2.5 MB/s  0:12 left` */
export function progressLine({ sentBytes, totalBytes, events, elapsedMs }: ProgressState): string {
  const bytesPerMs = elapsedMs > 0 ? sentBytes / elapsedMs : 0;
  const leftSeconds = bytesPerMs > 0 ? Math.ceil((totalBytes - sentBytes) / bytesPerMs / 1000) : undefined;
  const left = leftSeconds === undefined ? '' : `  ${clockText(leftSeconds)} left`;
  const rate = (bytesPerMs / 1000).toFixed(1);
  return `${events.toLocaleString('en')} events  ${megabytes(sentBytes)} of ${megabytes(totalBytes)} MB  ${rate} MB/s${left}`;
}

export function megabytes(bytes: number): string {
  return (bytes / 1e6).toFixed(1);
}

function clockText(seconds: number): string {
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
}
