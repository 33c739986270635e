import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { ArchiveFault, type Member } from './formats/archive.ts';

/** What tells a file from others: cheap to know, and for certain. */
export interface FileIdentity {
  /** Files with different ones are different; an archive's directory tells it without unpacking. */
  readonly quick: string;
  /** SHA-256 of the content; undefined where it was not read yet. */
  readonly content: string | undefined;
}

/** `rebased` files are told apart from those that keep their times: each can be stored once. */
export async function identify(member: Member, rebased: boolean): Promise<FileIdentity> {
  if (member.declared === undefined) return await readIdentity(member, rebased);
  const { crc32: sum, bytes } = member.declared;
  return { quick: quickName(sum, bytes, rebased), content: undefined };
}

/** Reads the whole content. A damaged archive is what could be unpacked of it. */
export async function readIdentity(member: Member, rebased: boolean): Promise<FileIdentity> {
  const hash = createHash('sha256');
  let sum = 0;
  let bytes = 0;
  try {
    for await (const chunk of member.open()) {
      hash.update(chunk);
      sum = crc32(chunk, sum);
      bytes += chunk.length;
    }
  } catch (error) {
    if (!(error instanceof ArchiveFault)) throw error;
    hash.update(damageMark(error.message));
  }
  return { quick: quickName(sum, bytes, rebased), content: hash.digest('hex') };
}

/** What stands for the part of a damaged archive that could not be unpacked. */
export function damageMark(message: string): string {
  return `\n${message}`;
}

function quickName(sum: number, bytes: number, rebased: boolean): string {
  return `${(sum >>> 0).toString(16)}:${bytes}${rebased ? ':rebased' : ''}`;
}

/** Tells the files of keyed deliveries apart; they are never compared by content. */
export function keyedName(key: string, place: number): string {
  return `key:${createHash('sha256').update(key).digest('hex')}:${place}`;
}
