import { readFile } from 'node:fs/promises';
import { gunzipSync } from 'node:zlib';
import { type Entry, fromBuffer, type ZipFile } from 'yauzl';
import { ProgramFault } from '../../kql/beside/contract.ts';

/** Of one address, unpacked. */
const MAX_BYTES = 192 * 1024 * 1024;

/**
 * The contents of a file: of a zip each file in it, of a gzip what is packed. What it is shows in its first bytes.
 * Throws `ProgramFault` where it is broken or would grow too large.
 */
export async function contentsOf(path: string, url: string): Promise<readonly Buffer[]> {
  const bytes = await readFile(path);
  if (bytes.length > MAX_BYTES) throw tooLarge(url);
  try {
    if (bytes[0] === 0x1f && bytes[1] === 0x8b) return [gunzipSync(bytes, { maxOutputLength: MAX_BYTES })];
    if (bytes.subarray(0, 4).equals(ZIP_START)) return await unzipped(bytes, url);
  } catch (error) {
    if (error instanceof ProgramFault) throw error;
    if (error instanceof RangeError) throw tooLarge(url);
    throw new ProgramFault(`the archive that \`externaldata\` read from \`${url}\` is broken`);
  }
  return [bytes];
}

const ZIP_START = Buffer.from([0x50, 0x4b, 0x03, 0x04]);

async function unzipped(bytes: Buffer, url: string): Promise<readonly Buffer[]> {
  const zip = await new Promise<ZipFile>((resolve, reject) =>
    fromBuffer(bytes, { lazyEntries: true }, (error, opened) => (error ? reject(error) : resolve(opened))),
  );
  const found: Buffer[] = [];
  let total = 0;
  for (let entry = await nextEntry(zip); entry; entry = await nextEntry(zip)) {
    if (entry.fileName.endsWith('/')) continue;
    const content = await inflated(zip, entry, MAX_BYTES - total, url);
    total += content.length;
    found.push(content);
  }
  return found;
}

function nextEntry(zip: ZipFile): Promise<Entry | undefined> {
  return new Promise((resolve, reject) => {
    zip
      .once('entry', resolve)
      .once('end', () => resolve(undefined))
      .once('error', reject);
    zip.readEntry();
  });
}

/** What an entry says of its size is not believed. */
function inflated(zip: ZipFile, entry: Entry, maxBytes: number, url: string): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    zip.openReadStream(entry, (error, stream) => {
      if (error) return reject(error);
      const chunks: Buffer[] = [];
      let bytes = 0;
      stream.on('data', (chunk: Buffer) => {
        bytes += chunk.length;
        chunks.push(chunk);
        if (bytes <= maxBytes) return;
        stream.destroy();
        reject(tooLarge(url));
      });
      stream.on('end', () => resolve(Buffer.concat(chunks)));
      stream.on('error', reject);
    });
  });
}

function tooLarge(url: string): ProgramFault {
  return new ProgramFault(`what \`externaldata\` read from \`${url}\` has more than ${MAX_BYTES} bytes`);
}
