import { createHash } from 'node:crypto';
import { parseTime } from '../ingest/event-time.ts';
import type { Clock } from '../model/clock.ts';
import { RequestError } from '../model/request-error.ts';
import {
  appendDetections,
  findDetectionRequest,
  keepDetectionRequest,
  knownDetections,
  type NewDetection,
} from '../store/detections.ts';
import type { Store } from '../store/store.ts';
import {
  DETECTION_FIELDS,
  type DetectionValues,
  type FieldKind,
  printDetection,
  tagsOf,
} from './detection-fields.ts';

export interface OutsideDetections {
  readonly tenant: string;
  /** One object, or an array of them. */
  readonly body: unknown;
  readonly idempotencyKey: string | undefined;
}

export interface AcceptedDetections {
  readonly accepted: number;
  readonly duplicates: number;
}

/**
 * Takes detections of other products. All of a batch or nothing. Rejects with `RequestError`: `InvalidInput` (400) for a
 * member that is no detection, `MaximumBatchSizeExceeded` (400), `IdempotencyKeyReused` (409) for a key that came with
 * other content.
 */
export type AcceptDetections = (request: OutsideDetections) => Promise<AcceptedDetections>;

export const MOST_DETECTIONS = 10_000;

export function createAcceptDetections({ db }: Store, clock: Clock): AcceptDetections {
  return async ({ tenant, body, idempotencyKey }) => {
    const members: readonly unknown[] = Array.isArray(body) ? body : [body];
    if (members.length > MOST_DETECTIONS) {
      throw new RequestError(
        'MaximumBatchSizeExceeded',
        400,
        `Maximum batch size exceeded. Received: ${members.length}, allowed: ${MOST_DETECTIONS}`,
      );
    }
    const items = members.map((member, place) => {
      const path = Array.isArray(body) ? `[${place}].` : '';
      return outsideDetection(readDetection(member, path));
    });
    const digest = createHash('sha256').update(JSON.stringify(body)).digest('hex');
    return await db.transaction().execute(async (tx) => {
      if (idempotencyKey !== undefined) {
        const before = await findDetectionRequest(tx, tenant, idempotencyKey);
        if (before !== undefined) return repeated(before, digest);
        await keepDetectionRequest(tx, { tenant, key: idempotencyKey, digest, members: items.length });
      }
      const keys = items.flatMap(({ dedupKey }) => (dedupKey === undefined ? [] : [dedupKey]));
      const known = new Set(await knownDetections(tx, tenant, keys));
      const fresh = items.filter(({ dedupKey }) => {
        if (dedupKey === undefined) return true;
        const isNew = !known.has(dedupKey);
        known.add(dedupKey);
        return isNew;
      });
      await appendDetections(tx, tenant, fresh, clock.nowMs());
      return { accepted: fresh.length, duplicates: items.length - fresh.length };
    });
  };
}

function repeated(
  before: { readonly digest: string; readonly members: number },
  digest: string,
): AcceptedDetections {
  if (before.digest === digest) return { accepted: 0, duplicates: before.members };
  throw new RequestError(
    'IdempotencyKeyReused',
    409,
    'other detections were sent under this `Idempotency-Key`',
  );
}

const KINDS: ReadonlyMap<string, FieldKind> = new Map(DETECTION_FIELDS);

/** The values of one member; `path` names it in a refusal. */
function readDetection(member: unknown, path: string): DetectionValues {
  if (typeof member !== 'object' || member === null || Array.isArray(member)) {
    throw invalid(path.replace(/\.$/, '') || 'the body', 'expected an object');
  }
  const entries = Object.entries(member);
  if (entries.length === 0) throw invalid(path.replace(/\.$/, '') || 'the body', 'expected a field');
  for (const [name, value] of entries) {
    const kind = KINDS.get(name);
    if (kind === undefined) throw invalid(path + name, 'a detection has no such field');
    const problem = CHECKS[kind](value);
    if (problem !== undefined) throw invalid(path + name, problem);
  }
  return member as DetectionValues;
}

const MOST_CHARS = 100_000;

const CHECKS: Readonly<Record<FieldKind, (value: unknown) => string | undefined>> = {
  text: (value) => (typeof value === 'string' && value.length <= MOST_CHARS ? undefined : 'expected text'),
  time: (value) =>
    typeof value === 'string' && (value === '' || parseTime(value) !== undefined)
      ? undefined
      : 'expected a time in ISO 8601',
  whole: (value) => (Number.isSafeInteger(value) ? undefined : 'expected a whole number'),
  flag: (value) =>
    value === null || typeof value === 'boolean' ? undefined : 'expected true, false or null',
};

function invalid(member: string, problem: string): RequestError {
  return new RequestError('InvalidInput', 400, `Invalid input: \`${member.slice(0, 100)}\`: ${problem}`);
}

function outsideDetection(values: DetectionValues): NewDetection {
  const { ExternalId, AlertId, MachineGroup } = values;
  return {
    dedupKey: typeof ExternalId === 'string' && ExternalId !== '' ? `outside:${ExternalId}` : undefined,
    alert: typeof AlertId === 'string' ? AlertId : '',
    rule: undefined,
    machineGroup: typeof MachineGroup === 'string' ? MachineGroup : '',
    deviceTags: tagsOf(String(values.DeviceCreatedMachineTags ?? '')),
    cloudTags: tagsOf(String(values.CloudCreatedMachineTags ?? '')),
    body: (processed) => printDetection({ ...values, LastProcessedTimeUtc: processed }),
  };
}
