import { ArchiveFault, type Member } from './formats/archive.ts';
import { readCsv } from './formats/csv.ts';
import { decodeText } from './formats/text-decoding.ts';
import { ValueSplitter } from './formats/value-splitter.ts';
import type { IngestFormat, Router } from './route.ts';
import type { Outcome } from './row.ts';

export interface MemberSink {
  /** One event and what becomes of it. `text` is its source, for whoever looks at rejects. */
  event(outcome: Outcome, text: string, line: number): void;
  /** Input that is no event at all. */
  fault(reason: string, text: string, line: number): void;
  /** Called with every piece of content, before it is read. */
  content(chunk: Buffer): void;
  /** What must be awaited before more is read; undefined: nothing. */
  wait(): Promise<void> | undefined;
}

/** The largest JSON value or CSV row; a larger one is rejected. */
const MAX_VALUE_BYTES = 32 * 1024 * 1024;

/** The reason of an archive that cannot be unpacked, or not to its end. */
export const DAMAGED_ARCHIVE = 'damaged archive';

/** Reads the events of one file in their order, in bounded memory. */
export async function readMember(
  member: Member,
  format: IngestFormat,
  router: Router,
  sink: MemberSink,
): Promise<void> {
  try {
    const chunks = peekable(decodeText(watched(member.open(), (chunk) => sink.content(chunk))));
    const isCsv = format === 'csv' || (format === 'auto' && looksLikeCsv(await chunks.head()));
    if (isCsv) await readRows(chunks.all(), router, sink);
    else await readValues(chunks.all(), router, sink);
  } catch (error) {
    if (!(error instanceof ArchiveFault)) throw error;
    sink.fault(DAMAGED_ARCHIVE, error.message, 0);
  }
}

async function readValues(chunks: AsyncIterable<Buffer>, router: Router, sink: MemberSink): Promise<void> {
  const splitter = new ValueSplitter(
    {
      value: (value, text, line) => router.value(value, text, (outcome) => sink.event(outcome, text, line)),
      fault: (fault, bytes, line) => sink.fault(fault, sampleText(bytes), line),
    },
    MAX_VALUE_BYTES,
  );
  try {
    for await (const chunk of chunks) {
      splitter.push(chunk);
      const wait = sink.wait();
      if (wait !== undefined) await wait;
    }
  } catch (error) {
    // What came before a damaged place still counts; the value that it cuts off is reported with it.
    if (error instanceof ArchiveFault) splitter.end();
    throw error;
  }
  splitter.end();
}

async function readRows(chunks: AsyncIterable<Buffer>, router: Router, sink: MemberSink): Promise<void> {
  await readCsv(
    chunks,
    {
      row: (cells, line) => {
        const outcome = router.cells(cells);
        sink.event(outcome, outcome.kind === 'row' ? '' : JSON.stringify(cells), line);
      },
      fault: (fault, text, line) => sink.fault(fault, text, line),
      pause: () => sink.wait(),
    },
    MAX_VALUE_BYTES,
  );
}

function sampleText(bytes: Buffer): string {
  return bytes.toString('utf8', 0, 4096);
}

/** A header: names with commas between, no JSON. */
function looksLikeCsv(head: Buffer): boolean {
  const text = head.toString('latin1');
  const firstLine = (text.split('\n', 1)[0] ?? '').trim();
  return /^(?:"[^"{}]*"|[\w .$()@-]+)(?:,(?:"[^"{}]*"|[\w .$()@-]*))+$/.test(firstLine);
}

const HEAD_BYTES = 8192;

/** Lets the beginning be looked at before the whole is read. */
function peekable(chunks: AsyncGenerator<Buffer>): {
  head(): Promise<Buffer>;
  all(): AsyncGenerator<Buffer>;
} {
  const taken: Buffer[] = [];
  return {
    async head() {
      let bytes = 0;
      while (bytes < HEAD_BYTES) {
        const next = await chunks.next();
        if (next.done === true) break;
        taken.push(Buffer.from(next.value));
        bytes += next.value.length;
        if (next.value.includes(10)) break;
      }
      return Buffer.concat(taken);
    },
    async *all() {
      yield* taken;
      yield* chunks;
    },
  };
}

async function* watched(chunks: AsyncIterable<Buffer>, see: (chunk: Buffer) => void): AsyncGenerator<Buffer> {
  for await (const chunk of chunks) {
    see(chunk);
    yield chunk;
  }
}
