import { RequestError } from '../model/request-error.ts';
import { isoDurationMs, printDuration, printIsoDuration } from './duration.ts';
import {
  ASSET_KINDS,
  CATEGORIES,
  type Entities,
  type EntityKind,
  EVIDENCE_KINDS,
  type Rule,
} from './rule.ts';
import type { RuleView } from './rule-desk.ts';
import { type RuleOutcome, readRule, ruleForm } from './rule-form.ts';
import { entitiesOfMappings, entityMappings } from './rule-graph-entities.ts';
import { readTactics, tacticsOf } from './rule-graph-tactics.ts';

type Members = Readonly<Record<string, unknown>>;

/** What Graph's v1.0 shows is a part of what its beta shows, which has the members of the older shape too. */
export type GraphVersion = 'v1.0' | 'beta';

/**
 * A rule as Microsoft Graph's `detectionRule` shows it.
 * Source: https://learn.microsoft.com/graph/api/resources/security-detectionrule
 */
export function graphRule({ rule, stored, lastRun }: RuleView, version: GraphVersion): Members {
  const isBeta = version === 'beta';
  return {
    id: String(stored.number),
    displayName: rule.displayName,
    ...(isBeta ? { isEnabled: rule.enabled && stored.switched_off === 0 } : {}),
    status: stored.switched_off === 1 ? 'autoDisabled' : rule.enabled ? 'enabled' : 'disabled',
    createdBy: stored.created_by,
    createdDateTime: stored.created,
    lastModifiedBy: stored.modified_by,
    lastModifiedDateTime: stored.modified,
    detectorId: stored.detector,
    queryCondition: { queryText: rule.query, lastModifiedDateTime: stored.query_modified },
    schedule: scheduleOf(rule, stored.next_run, isBeta),
    lastRunDetails:
      lastRun === undefined
        ? null
        : {
            lastRunDateTime: lastRun.started,
            status: lastRun.outcome === 'failed' ? 'failed' : 'completed',
            failureReason: lastRun.error,
            errorCode: lastRun.error_code,
          },
    detectionAction: {
      alertTemplate: {
        title: rule.title,
        description: rule.description,
        severity: rule.severity.toLowerCase(),
        recommendedActions: rule.recommendedActions === '' ? null : rule.recommendedActions,
        tactics: tacticsOf(rule.category, rule.techniques),
        entityMappings: entityMappings(rule.entities),
        customDetails: rule.customDetails,
        ...(isBeta
          ? {
              category: rule.category,
              mitreTechniques: rule.techniques,
              impactedAssets: impactedAssets(rule.entities),
            }
          : {}),
      },
      organizationalScope:
        rule.deviceGroups.length === 0
          ? null
          : { scopeType: 'deviceGroup', scopeNames: [...rule.deviceGroups] },
      automatedActions: null,
      ...(isBeta ? { responseActions: [] } : {}),
    },
  };
}

function scheduleOf({ schedule }: Rule, nextRun: string | null, isBeta: boolean): Members {
  const frequency = schedule.kind === 'continuous' ? 'PT0S' : printIsoDuration(schedule.everyMs);
  if (!isBeta) return { frequency };
  return schedule.kind === 'continuous'
    ? { frequency, period: '0', nextRunDateTime: null }
    : {
        frequency,
        lookback: printIsoDuration(schedule.lookbackMs),
        period: periodOf(schedule.everyMs),
        nextRunDateTime: nextRun,
      };
}

function impactedAssets(entities: Entities): readonly Members[] {
  return ASSET_KINDS.flatMap((kind) => {
    const column = entities[kind];
    return column === undefined
      ? []
      : [{ '@odata.type': ASSET_TYPES[kind], identifier: identifierOf(column) }];
  });
}

const ASSET_TYPES = {
  device: '#microsoft.graph.security.impactedDeviceAsset',
  user: '#microsoft.graph.security.impactedUserAsset',
  mailbox: '#microsoft.graph.security.impactedMailboxAsset',
} as const;

/**
 * A rule of the body of `POST`, or of `PATCH` with the rule as it is, in the older shape and the newer. Where a body says
 * something in both, what differs from the rule as it is counts, and the newer where both do. Members that Graph sets
 * itself are passed over. Throws `InvalidInput` (400) for what this server does not do: actions, one alert for all events.
 * Other faults are the outcome's.
 */
export function ruleOfGraph(body: Members, before: Rule | undefined): RuleOutcome {
  const action = memberOf(body, 'detectionAction');
  const template = memberOf(action, 'alertTemplate');
  refuseActions(action);
  if (template['eventGroupingKind'] === 'singleAlert') throw unsupported('`eventGroupingKind` `singleAlert`');
  const displayName = body['displayName'] ?? before?.displayName;
  const tactics = readTactics(template['tactics']);
  const given = {
    name: before?.name ?? nameOf(chosenId(body['id']) ?? displayName),
    displayName,
    enabled: later(enabledOf(body['status']), body['isEnabled'], before?.enabled),
    description: template['description'],
    query: memberOf(body, 'queryCondition')['queryText'],
    ...scheduleGiven(memberOf(body, 'schedule'), before),
    title: template['title'],
    severity: template['severity'],
    category: later(categoryOf(tactics.category), categoryOf(template['category']), before?.category),
    techniques: later(tactics.techniques, template['mitreTechniques'], before?.techniques),
    recommendedActions: template['recommendedActions'] ?? undefined,
    entities: entitiesGiven(template, before?.entities ?? {}),
    customDetails: customDetailsOf(template['customDetails']),
    deviceGroups: memberOf(action, 'organizationalScope')['scopeNames'],
  };
  const changed = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
  const kept: Record<string, unknown> = before === undefined ? {} : { ...ruleForm(before) };
  if ('frequency' in changed) delete kept['lookback'];
  return readRule({ ...kept, ...changed });
}

/** An id that the client chose; a number is one that a server gave. */
function chosenId(id: unknown): string | undefined {
  return typeof id === 'string' && !/^\d*$/.test(id) ? id : undefined;
}

/** Of two ways to say one thing. `was`: what it is now. */
function later(newer: unknown, older: unknown, was: unknown): unknown {
  if (newer === undefined) return older;
  return older !== undefined && JSON.stringify(newer) === JSON.stringify(was) ? older : newer;
}

function refuseActions(action: Members): void {
  const older = action['responseActions'];
  if (Array.isArray(older) && older.length > 0) throw unsupported('`responseActions`');
  const newer = Object.values(memberOf(action, 'automatedActions'));
  if (newer.some((list) => Array.isArray(list) && list.length > 0)) throw unsupported('`automatedActions`');
}

function unsupported(what: string): RequestError {
  return new RequestError('InvalidInput', 400, `Invalid input: ${what} is not supported here`);
}

function enabledOf(status: unknown): unknown {
  if (status === undefined) return undefined;
  return status === 'enabled' ? true : status === 'disabled' || status === 'autoDisabled' ? false : status;
}

/** `frequency` and `lookback` of the rule's form. A look-back is taken only with the newer `frequency`. */
function scheduleGiven(schedule: Members, before: Rule | undefined): Members {
  const { period, frequency, lookback } = schedule;
  const was = before === undefined ? undefined : ruleForm(before)['frequency'];
  const newer = frequency === undefined ? undefined : formDuration(frequency);
  const chosen = later(newer, period === undefined ? undefined : frequencyOf(period), was);
  return chosen === newer && lookback !== undefined && lookback !== null
    ? { frequency: chosen, lookback: formDuration(lookback) }
    : { frequency: chosen };
}

/** `PT1H` is `1h`, `P1D` is `24h`, and no time at all is continuous. */
function formDuration(duration: unknown): unknown {
  const ms = isoDurationMs(String(duration));
  if (ms === undefined) return duration;
  if (ms === 0) return 'continuous';
  return ms === 86_400_000 ? '24h' : printDuration(ms);
}

function entitiesGiven(template: Members, before: Entities): unknown {
  const mappings = memberOf(template, 'entityMappings');
  const newer = Object.keys(mappings).length === 0 ? undefined : entitiesOfMappings(mappings, before);
  const assets = template['impactedAssets'];
  const older = assets === undefined ? undefined : entitiesOf(assets, before);
  return later(newer, older, before);
}

function customDetailsOf(details: unknown): unknown {
  if (typeof details !== 'object' || details === null || Array.isArray(details)) return details ?? undefined;
  return Object.fromEntries(Object.entries(details).filter(([name]) => !name.startsWith('@')));
}

function memberOf(object: Members, name: string): Members {
  const value = object[name];
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Members) : {};
}

/** `Port 4444 (test)` becomes `port-4444-test`. */
function nameOf(displayName: unknown): unknown {
  if (typeof displayName !== 'string') return undefined;
  return displayName
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 100);
}

function periodOf(everyMs: number): string {
  const hours = everyMs / 3_600_000;
  return Number.isInteger(hours) ? `${hours}H` : `PT${everyMs / 60_000}M`;
}

/** `0` is continuous; `3H`, and of custom ones `PT90M`. */
function frequencyOf(period: unknown): unknown {
  const text = String(period);
  if (text === '0') return 'continuous';
  const match = /^(?:PT)?(\d{1,6})([HM])$/i.exec(text);
  if (match === null) return text;
  return `${match[1]}${match[2]?.toLowerCase()}`;
}

/** The API writes categories with blanks too: `Command and control`. */
function categoryOf(category: unknown): unknown {
  if (typeof category !== 'string') return category;
  const bare = category.replaceAll(/[\s_-]/g, '').toLowerCase();
  return CATEGORIES.find((known) => known.toLowerCase() === bare) ?? category;
}

/** `deviceId` of the API is the column `DeviceId`. Evidence, which these members cannot tell, stays as it is. */
function entitiesOf(assets: unknown, before: Entities): Entities | unknown {
  if (!Array.isArray(assets)) return assets;
  const entities: Partial<Record<EntityKind, string>> = {};
  for (const asset of assets as readonly Members[]) {
    const kind = ASSET_KINDS.find((each) => ASSET_TYPES[each] === asset['@odata.type']);
    const identifier = asset['identifier'];
    if (kind === undefined || typeof identifier !== 'string') {
      throw new RequestError('InvalidInput', 400, 'Invalid input: `impactedAssets` holds an unknown asset');
    }
    entities[kind] = identifier.slice(0, 1).toUpperCase() + identifier.slice(1);
  }
  for (const kind of EVIDENCE_KINDS) {
    const column = before[kind];
    if (column !== undefined) entities[kind] = column;
  }
  return entities;
}

function identifierOf(column: string): string {
  return column.slice(0, 1).toLowerCase() + column.slice(1);
}
