import { deflateSync, gunzipSync, gzipSync, inflateSync } from 'node:zlib';
import type { ScalarProgram } from '../contract.ts';

/** Compressed text in base64, and back: '' for what is none. */
export const compressionPrograms: Readonly<Record<string, ScalarProgram>> = {
  gzip_compress_to_base64_string: packing('gzip-base64-compress', gzipSync),
  zlib_compress_to_base64_string: packing('zlib-base64-compress-function', deflateSync),
  gzip_decompress_from_base64_string: unpacking('gzip-base64-decompress', gunzipSync),
  zlib_decompress_from_base64_string: unpacking('zlib-base64-decompress-function', inflateSync),
};

/** What a compressed text may unpack to at most, in bytes. */
const MAX_UNPACKED = 64 * 1024 * 1024;
/** Kusto packs for speed: the header of its answers says so. */
const LEVEL = 1;
const STORED = 0;

function packing(page: string, pack: typeof gzipSync): ScalarProgram {
  return {
    summary: 'The text compressed, in base64.',
    page,
    params: ['string'],
    compute: ([text]) => {
      const bytes = Buffer.from(String(text ?? ''));
      const packed = pack(bytes, { level: LEVEL });
      // Text that does not shrink is stored as it is.
      const smallest =
        packed.length - overhead(page) < bytes.length ? packed : pack(bytes, { level: STORED });
      return smallest.toString('base64');
    },
  };
}

/** Bytes of the header and the checksum. */
function overhead(page: string): number {
  return page.startsWith('gzip') ? 18 : 6;
}

function unpacking(page: string, unpack: typeof gunzipSync): ScalarProgram {
  return {
    summary: 'The text that was compressed into base64.',
    page,
    params: ['string'],
    compute: ([text]) => {
      try {
        const bytes = unpack(Buffer.from(String(text ?? ''), 'base64'), { maxOutputLength: MAX_UNPACKED });
        return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
      } catch {
        return '';
      }
    },
  };
}
