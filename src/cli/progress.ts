/** How far a run has come. */
export interface ProgressState {
  /** Bytes of the files as they lie on the disk, the current one in part. */
  readonly doneBytes: number;
  readonly totalBytes: number;
  readonly events: number;
  readonly elapsedMs: number;
}

export interface Progress {
  /** True where `update` is shown. */
  readonly isLive: boolean;
  update(state: ProgressState): void;
  /** Prints a finished file, on a line of its own. */
  file(line: string): void;
  done(): void;
}

/** On a terminal one line that is drawn again; elsewhere plain lines, one for each file. Standard error. */
export function createProgress(out: NodeJS.WriteStream = process.stderr): Progress {
  const isLive = out.isTTY === true;
  const clear = () => isLive && out.write('\r\x1b[K');
  return {
    isLive,
    update(state) {
      if (isLive) out.write(`\r\x1b[K${progressLine(state)}`);
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

/** `12,345 events  10.0 of 40.0 MB  2.5 MB/s  4,115 events/s  0:12 left` */
export function progressLine({ doneBytes, totalBytes, events, elapsedMs }: ProgressState): string {
  const seconds = Math.max(elapsedMs, 1) / 1000;
  const bytesPerSecond = doneBytes / seconds;
  const parts = [
    `${whole(events)} events`,
    `${megabytes(doneBytes)} of ${megabytes(totalBytes)} MB`,
    `${megabytes(bytesPerSecond)} MB/s`,
    `${whole(events / seconds)} events/s`,
  ];
  if (bytesPerSecond > 0) parts.push(`${clockText((totalBytes - doneBytes) / bytesPerSecond)} left`);
  return parts.join('  ');
}

export function megabytes(bytes: number): string {
  return (bytes / 1e6).toFixed(1);
}

function whole(number: number): string {
  return Math.round(number).toLocaleString('en');
}

function clockText(seconds: number): string {
  const left = Math.ceil(Math.max(0, seconds));
  return `${Math.floor(left / 60)}:${String(left % 60).padStart(2, '0')}`;
}
