import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { type AsyncBuffer, parquetMetadataAsync, parquetReadObjects } from 'hyparquet';
import { type Json, ProgramFault } from '../../kql/beside/contract.ts';

const MAX_VALUES = 20_000_000;
const MAX_PAGE_BYTES = 64 * 1024 * 1024;

/** The records of a Parquet file, dates as ISO text. Throws `ProgramFault` where it cannot be read. */
export async function parquetRecords(content: Buffer): Promise<readonly Json[]> {
  const bytes = content.buffer.slice(
    content.byteOffset,
    content.byteOffset + content.byteLength,
  ) as ArrayBuffer;
  const file: AsyncBuffer = {
    byteLength: bytes.byteLength,
    slice: (start, end) => bytes.slice(start, end),
  };
  try {
    const metadata = await parquetMetadataAsync(file);
    const values = Number(metadata.num_rows) * Math.max(1, metadata.schema.length - 1);
    if (!(values <= MAX_VALUES)) throw new ProgramFault(`a Parquet file of ${values} values is too large`);
    const unpack = (pack: (input: Uint8Array) => Buffer) => (input: Uint8Array, size: number) => {
      if (size > MAX_PAGE_BYTES) throw new ProgramFault('a page of a Parquet file is too large');
      return new Uint8Array(pack(input));
    };
    const rows = await parquetReadObjects({
      file,
      metadata,
      compressors: {
        GZIP: unpack((input) => gunzipSync(input, { maxOutputLength: MAX_PAGE_BYTES })),
        BROTLI: unpack((input) => brotliDecompressSync(input, { maxOutputLength: MAX_PAGE_BYTES })),
      },
    });
    return rows.map(plain);
  } catch (error) {
    if (error instanceof ProgramFault) throw error;
    throw new ProgramFault('the Parquet file that `externaldata` read cannot be read');
  }
}

function plain(value: unknown): Json {
  if (value === undefined || value === null) return null;
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? null : value.toISOString();
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64');
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value === 'object')
    return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, plain(member)]));
  if (typeof value === 'bigint')
    return value >= Number.MIN_SAFE_INTEGER && value <= Number.MAX_SAFE_INTEGER ? Number(value) : value;
  if (typeof value === 'number') return Number.isFinite(value) ? value : null;
  return typeof value === 'boolean' || typeof value === 'string' ? value : null;
}
