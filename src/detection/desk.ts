import type { Clock } from '../model/clock.ts';
import type { Store } from '../store/store.ts';
import { type AlertDesk, createAlertDesk } from './alert-desk.ts';
import { type AcceptDetections, createAcceptDetections } from './outside.ts';
import { createPull, type PullDetections } from './pull.ts';

/** What HTTP asks of detections, alerts and incidents: all of it control state. */
export interface DetectionDesk {
  readonly pull: PullDetections;
  readonly accept: AcceptDetections;
  readonly alerts: AlertDesk;
}

export function createDetectionDesk(store: Store, clock: Clock): DetectionDesk {
  return {
    pull: createPull(store),
    accept: createAcceptDetections(store, clock),
    alerts: createAlertDesk(store, () => clock.nowMs()),
  };
}
