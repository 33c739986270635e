import { createReadStream } from 'node:fs';
import { open, stat } from 'node:fs/promises';
import { Readable, type Transform } from 'node:stream';
import { createGunzip, createInflateRaw } from 'node:zlib';
import { type Entry, fromRandomAccessReader, RandomAccessReader, type ZipFile } from 'yauzl';

/** One file of what was sent: the file itself, or a member of a zip archive. Never written to disk under its name. */
export interface Member {
  /** For messages and for telling members apart; may hold any text. */
  readonly name: string;
  /** Size and CRC-32 of the content, where the archive's directory tells them. */
  readonly declared: { readonly bytes: number; readonly crc32: number } | undefined;
  /** The content, unpacked; can be opened again. Ends with an `ArchiveFault` where it cannot be unpacked. */
  open(): AsyncIterable<Buffer>;
}

export class ArchiveFault extends Error {}

/** An archive made to fill memory or disk unpacks to more than this many times its size. */
const MAX_RATIO = 250;
const RATIO_FLOOR_BYTES = 64 * 1024 * 1024;
const MAX_MEMBERS = 100_000;

/** The files inside a file on disk. Folders and macOS's `__MACOSX/` are left out. */
export async function openArchive(
  path: string,
  name: string,
): Promise<{ readonly members: readonly Member[] }> {
  const head = await firstBytes(path);
  if (!isZip(head)) {
    const member: Member = {
      name,
      declared: undefined,
      async *open() {
        const { size } = await stat(path);
        const limit = isGzip(head) ? Math.max(RATIO_FLOOR_BYTES, size * MAX_RATIO) : Number.POSITIVE_INFINITY;
        const raw = () => createReadStream(path, { highWaterMark: CHUNK_BYTES });
        const gunzip = isGzip(head) ? createGunzip({ chunkSize: CHUNK_BYTES }) : undefined;
        yield* bounded(unpack(raw, gunzip), limit);
      },
    };
    return { members: [member] };
  }
  const size = await zipSize(path);
  const zip = await new Promise<ZipFile>((resolve, reject) => {
    // Names are only shown, never used as paths: whatever they hold is read.
    const options = { lazyEntries: true, autoClose: false, decodeStrings: false };
    fromRandomAccessReader(new FileReader(path), size, options, (error, file) =>
      error === null ? resolve(file) : reject(new ArchiveFault(error.message)),
    );
  });
  const entries = await readEntries(zip);
  return { members: entries.map((entry) => zipMember(zip, entry, name)) };
}

class FileReader extends RandomAccessReader {
  readonly #path: string;

  constructor(path: string) {
    super();
    this.#path = path;
  }

  override _readStreamForRange(start: number, end: number): Readable {
    return createReadStream(this.#path, { start, end: end - 1, highWaterMark: CHUNK_BYTES });
  }
}

/** Where the archive ends. Bytes behind it, such as the line end that a transfer added, are not part of it. */
async function zipSize(path: string): Promise<number> {
  const handle = await open(path, 'r');
  try {
    const { size } = await handle.stat();
    const tail = Buffer.alloc(Math.min(size, END_RECORD_BYTES + 0xffff));
    await handle.read(tail, 0, tail.length, size - tail.length);
    for (let at = tail.length - END_RECORD_BYTES; at >= 0; at--) {
      if (tail.readUInt32LE(at) !== END_RECORD) continue;
      const end = at + END_RECORD_BYTES + tail.readUInt16LE(at + 20);
      if (end <= tail.length) return size - tail.length + end;
    }
    throw new ArchiveFault('the end of the archive is missing');
  } finally {
    await handle.close();
  }
}

const END_RECORD = 0x06054b50;
const END_RECORD_BYTES = 22;

/** Small enough that the allocator uses the memory again instead of mapping fresh pages. */
const CHUNK_BYTES = 64 * 1024;

async function firstBytes(path: string): Promise<Buffer> {
  const handle = await open(path, 'r');
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(4), 0, 4, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await handle.close();
  }
}

function isZip(head: Buffer): boolean {
  return head[0] === 0x50 && head[1] === 0x4b && (head[2] === 3 || head[2] === 5);
}

function isGzip(head: Buffer): boolean {
  return head[0] === 0x1f && head[1] === 0x8b;
}

function readEntries(zip: ZipFile): Promise<Entry[]> {
  return new Promise((resolve, reject) => {
    const entries: Entry[] = [];
    zip.on('entry', (entry: Entry) => {
      const path = nameOf(entry);
      if (!path.endsWith('/') && !/(^|\/)(__MACOSX\/|\.DS_Store$)/.test(path)) entries.push(entry);
      if (entries.length > MAX_MEMBERS) reject(new ArchiveFault('too many members'));
      else zip.readEntry();
    });
    zip.on('end', () => resolve(entries));
    zip.on('error', (error: Error) => reject(new ArchiveFault(error.message)));
    zip.readEntry();
  });
}

function nameOf(entry: Entry): string {
  const name: unknown = entry.fileName;
  return Buffer.isBuffer(name) ? name.toString('utf8') : String(name);
}

function zipMember(zip: ZipFile, entry: Entry, archive: string): Member {
  const deflated = entry.compressionMethod === 8;
  // Unpacked by ourselves: the library's chunks of 16 kB cut most events in two.
  const openEntry = () =>
    new Promise<Readable>((resolve, reject) => {
      const take = (error: Error | null, stream: Readable) =>
        error === null ? resolve(stream) : reject(new ArchiveFault(error.message));
      if (deflated)
        zip.openReadStream(entry, { decompress: false, decrypt: null, start: null, end: null }, take);
      else zip.openReadStream(entry, take);
    });
  const packed = /\.gz$/i.test(nameOf(entry));
  const limit = Math.max(RATIO_FLOOR_BYTES, entry.compressedSize * MAX_RATIO);
  return {
    name: `${archive}/${nameOf(entry)}`,
    declared: packed ? undefined : { bytes: entry.uncompressedSize, crc32: entry.crc32 },
    async *open() {
      const content = bounded(
        unpack(openEntry, deflated ? createInflateRaw({ chunkSize: CHUNK_BYTES }) : undefined),
        limit,
        entry.uncompressedSize,
      );
      if (!packed) yield* content;
      else
        yield* bounded(
          unpack(() => Readable.from(content), createGunzip({ chunkSize: CHUNK_BYTES })),
          limit,
        );
    },
  };
}

/** The stream's content, unpacked by `unpacker`; several gzip streams in a row are one content. */
async function* unpack(
  openRaw: () => Readable | Promise<Readable>,
  unpacker: Transform | undefined,
): AsyncGenerator<Buffer> {
  let raw: Readable | undefined;
  try {
    raw = await openRaw();
    if (unpacker !== undefined) {
      raw.on('error', (error) => unpacker.destroy(error));
      raw.pipe(unpacker);
    }
    for await (const chunk of unpacker ?? raw) yield chunk as Buffer;
  } catch (error) {
    if (isDiskError(error) || error instanceof ArchiveFault) throw error;
    throw new ArchiveFault(error instanceof Error ? error.message : 'cannot be unpacked');
  } finally {
    raw?.destroy();
    unpacker?.destroy();
  }
}

/** `declaredBytes`: what the archive says the content is; less means that it was cut off. */
async function* bounded(
  chunks: AsyncIterable<Buffer>,
  limitBytes: number,
  declaredBytes?: number,
): AsyncGenerator<Buffer> {
  let bytes = 0;
  for await (const chunk of chunks) {
    bytes += chunk.length;
    if (bytes > limitBytes) throw new ArchiveFault('unpacks to far more than its size');
    yield chunk;
  }
  if (declaredBytes !== undefined && bytes !== declaredBytes) {
    throw new ArchiveFault('does not unpack to the size that the archive tells');
  }
}

function isDiskError(error: unknown): boolean {
  return error instanceof Error && 'syscall' in error;
}
