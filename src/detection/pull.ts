import { setImmediate } from 'node:timers/promises';
import {
  type DetectionFilter,
  detectionBodies,
  detectionRange,
  type ProcessedBounds,
} from '../store/detections.ts';
import type { Store } from '../store/store.ts';
import { withOwnUrl } from './detection-fields.ts';
import type { SeenDevice, Sees } from './visible.ts';

/** What a SIEM asks for. */
export interface PullRequest {
  readonly tenant: string;
  readonly bounds: ProcessedBounds;
  readonly filter: DetectionFilter;
  /** Which devices' detections are given; undefined: all. */
  readonly sees: Sees | undefined;
  /** The most recent so many; undefined: all. */
  readonly limit: number | undefined;
  /** What links begin with. */
  readonly publicUrl: string;
}

/** Gives the text of a JSON array in pieces, newest detection first. */
export type PullDetections = (request: PullRequest) => AsyncGenerator<string>;

/** Detections read at once: 2 MB of text, a few milliseconds. */
const STEP = 1000;
/** Where a filter leaves some out, most rows are only passed over. */
const FILTERED_STEP = 5000;

/**
 * The pull reads by number, downwards from the newest that is committed when it begins: detections never change, and
 * what is committed meanwhile has a higher number. So it holds no transaction and one step of memory.
 */
export function createPull({ db }: Store): PullDetections {
  return async function* pull({ tenant, bounds, filter, sees, limit, publicUrl }) {
    const range = await detectionRange(db, tenant, bounds);
    const isFiltered =
      sees !== undefined ||
      filter.machineGroups.length > 0 ||
      filter.deviceTag !== undefined ||
      filter.cloudTag !== undefined;
    const step = isFiltered ? FILTERED_STEP : STEP;
    let left = limit ?? Number.POSITIVE_INFINITY;
    let opening = '[';
    for (let last = range?.last ?? 0; range !== undefined && last >= range.first && left > 0; last -= step) {
      const first = Math.max(range.first, last - step + 1);
      const most = sees === undefined ? Math.min(step, left) : step;
      const stored = await detectionBodies(db, tenant, { first, last }, filter, most);
      const all = stored.map((body) => withOwnUrl(body, publicUrl));
      const bodies = sees === undefined ? all : all.filter((body) => sees(deviceOf(body))).slice(0, left);
      left -= bodies.length;
      if (bodies.length > 0) {
        yield opening + bodies.join(',');
        opening = ',';
      }
      await setImmediate();
    }
    yield opening === '[' ? '[]' : ']';
  };
}

/** The device of a detection. Its platform is no field of it. */
function deviceOf(body: string): SeenDevice {
  const { DeviceID, ComputerDnsName } = JSON.parse(body) as Readonly<
    Record<'DeviceID' | 'ComputerDnsName', string>
  >;
  return { id: DeviceID, name: ComputerDnsName, osPlatform: '' };
}
