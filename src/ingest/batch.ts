import { createHash } from 'node:crypto';
import type { Layout, Row } from './row.ts';
import { createRowBuffer, type RowBuffer } from './row-buffer.ts';

/** Rows of one table with the same columns. */
export interface Block {
  readonly layout: Layout;
  readonly rows: RowBuffer;
  /** Earliest and latest time of the rows, in milliseconds since 1970, not shifted; undefined without times. */
  readonly times: { readonly minMs: number; readonly maxMs: number } | undefined;
}

/** Rows of one file that are reserved, written and committed together. */
export interface Batch {
  /** Place in the file, from 0. */
  readonly seq: number;
  readonly blocks: readonly Block[];
  readonly rowsByTable: Readonly<Record<string, number>>;
  readonly rows: number;
  /** SHA-1 of the rows in their order. */
  readonly digest: string;
}

/** A batch on its way. */
export interface Waiting {
  readonly file: string;
  readonly batch: Batch;
  /** What was added to the times in its rows. */
  readonly shiftMs: number;
}

const MAX_BLOCK_ROWS = 50_000;
const MAX_BLOCK_BYTES = 16 * 1024 * 1024;
const MAX_BATCH_BYTES = 32 * 1024 * 1024;

interface OpenBlock {
  readonly layout: Layout;
  readonly rows: RowBuffer;
  minMs: number;
  maxMs: number;
}

/**
 * Collects the rows of a file into batches. Where a batch ends depends on the rows alone, never on how the input was
 * cut into chunks, so that a second attempt makes the same batches.
 */
export class BatchBuilder {
  #blocks = new Map<Layout, OpenBlock>();
  #bytes = 0;
  #seq = 0;
  #sealed: Batch[] = [];

  add(row: Row): void {
    let block = this.#blocks.get(row.layout);
    if (block === undefined) {
      block = {
        layout: row.layout,
        rows: createRowBuffer(),
        minMs: Number.POSITIVE_INFINITY,
        maxMs: Number.NEGATIVE_INFINITY,
      };
      this.#blocks.set(row.layout, block);
    }
    const before = block.rows.bytes;
    block.rows.add(row.cells);
    this.#bytes += block.rows.bytes - before;
    if (row.time !== undefined) {
      block.minMs = Math.min(block.minMs, row.time.ms);
      block.maxMs = Math.max(block.maxMs, row.time.ms);
    }
    if (
      block.rows.rows >= MAX_BLOCK_ROWS ||
      block.rows.bytes >= MAX_BLOCK_BYTES ||
      this.#bytes >= MAX_BATCH_BYTES
    ) {
      this.seal();
    }
  }

  /** Ends the batch that is being collected. */
  seal(): void {
    if (this.#blocks.size === 0) return;
    const digest = createHash('sha1');
    const rowsByTable: Record<string, number> = {};
    let rows = 0;
    const blocks = [...this.#blocks.values()].map((block): Block => {
      const { layout, minMs, maxMs } = block;
      digest.update(`${layout.table.name}\n`).update(block.rows.content());
      rowsByTable[layout.table.name] = (rowsByTable[layout.table.name] ?? 0) + block.rows.rows;
      rows += block.rows.rows;
      return { layout, rows: block.rows, times: minMs <= maxMs ? { minMs, maxMs } : undefined };
    });
    this.#sealed.push({ seq: this.#seq++, blocks, rowsByTable, rows, digest: digest.digest('hex') });
    this.#blocks = new Map();
    this.#bytes = 0;
  }

  /** The batches that ended since the last call. */
  take(): readonly Batch[] {
    const sealed = this.#sealed;
    this.#sealed = [];
    return sealed;
  }
}
