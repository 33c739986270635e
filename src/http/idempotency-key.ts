import { RequestError } from '../model/request-error.ts';

/** Source: the IETF draft of the header asks for a quoted text; bare ones are as common. */
export function idempotencyKey(header: string | string[] | undefined): string | undefined {
  if (header === undefined) return undefined;
  const key = typeof header === 'string' ? header.trim() : '';
  if (!/^[\x21-\x7e][\x20-\x7e]{0,254}$/.test(key)) {
    throw new RequestError(
      'InvalidInput',
      400,
      'Invalid input: `Idempotency-Key` has 1 to 255 printable characters',
    );
  }
  return key;
}
