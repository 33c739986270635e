import type { Inspection } from '../hunting/inspect.ts';
import type { HuntEngine } from '../hunting/open.ts';
import type { Ingest } from '../ingest/ingest.ts';
import { listDeviceGroups } from '../store/device-groups.ts';
import { committedArrival } from '../store/ingest-journal.ts';
import type { Store } from '../store/store.ts';
import { type BacktestReport, type BacktestRequest, createBacktest } from './backtest.ts';
import { type AlertReference, createAlertByReference } from './by-reference.ts';
import { createCheckGroups, type DirectoryGroups } from './device-groups.ts';
import { createDevices } from './devices.ts';
import { createPublisher, type Publisher } from './publish.ts';
import { createRuleDesk, type RuleDesk } from './rule-desk.ts';
import { createRuleQueries } from './rule-query.ts';
import type { RuleRunParts, RunStep } from './rule-run.ts';
import { createScheduler } from './scheduler.ts';

export interface DetectionSettings {
  readonly maxAlerts: number;
  /** Similar detections within this time make one alert. */
  readonly mergeMs: number;
  readonly runTimeMs: number;
  readonly slots: number;
}

export interface DetectionParts {
  readonly store: Store;
  readonly engine: HuntEngine;
  readonly inspection: Inspection;
  readonly ingest: Pick<Ingest, 'ingestStream'>;
  readonly settings: DetectionSettings;
  readonly onFailure: (error: unknown) => void;
  /** For tests that cut the power between the steps of a run. */
  readonly at?: (step: RunStep) => Promise<void>;
}

/** Rules, their runs and what becomes of them. */
export interface DetectionRoom {
  readonly rules: RuleDesk;
  readonly publisher: Publisher;
  readonly runParts: RuleRunParts;
  backtest(request: BacktestRequest): Promise<BacktestReport>;
  /** Raises an alert for an event; gives its id. */
  alertByReference(reference: AlertReference): Promise<string>;
  start(): void;
  stop(): Promise<void>;
}

/** Alerts that share an entity within a week belong to one incident. */
const CORRELATE_MS = 7 * 86_400_000;
const LOOK_EVERY_MS = 1000;

export function createDetectionRoom(parts: DetectionParts): DetectionRoom {
  const { store, engine, inspection, settings, onFailure } = parts;
  const nowMs = () => engine.clock.nowMs();
  const query = createRuleQueries(engine, settings.runTimeMs);
  const directory: DirectoryGroups = (tenant) => listDeviceGroups(store.db, tenant);
  const devices = createDevices(query, directory);
  const checkGroups = createCheckGroups(query, directory, nowMs);
  const runParts: RuleRunParts = {
    db: store.db,
    query,
    devices,
    settings: { maxAlerts: settings.maxAlerts, mergeMs: settings.mergeMs, correlateMs: CORRELATE_MS },
    committedArrival: (tenant) => committedArrival(store.db, tenant),
    nowMs,
    at: parts.at,
  };
  const publisher = createPublisher(store, parts.ingest, onFailure);
  const scheduler = createScheduler({
    ...runParts,
    slots: settings.slots,
    everyMs: LOOK_EVERY_MS,
    onRun: () => publisher.wake(),
    onFailure,
  });
  const byReference = createAlertByReference(runParts);
  return {
    async alertByReference(reference) {
      const id = await byReference(reference);
      publisher.wake();
      return id;
    },
    rules: createRuleDesk({ store, inspection, checkGroups, nowMs }),
    publisher,
    runParts,
    backtest: createBacktest({ query, inspection, devices, mergeMs: settings.mergeMs, nowMs }),
    start() {
      publisher.start();
      scheduler.start();
    },
    async stop() {
      await scheduler.stop();
      await publisher.stop();
    },
  };
}
