import { RequestError } from '../model/request-error.ts';
import { ASSET_KINDS, CATEGORIES, type Entities, type EntityKind, type Rule } from './rule.ts';
import type { RuleView } from './rule-desk.ts';
import { type RuleOutcome, readRule, ruleForm } from './rule-form.ts';

type Members = Readonly<Record<string, unknown>>;

/**
 * A rule as Microsoft Graph's `detectionRule` (beta) shows it.
 * Source: https://learn.microsoft.com/graph/api/resources/security-detectionrule
 */
export function graphRule({ rule, stored, lastRun }: RuleView): Members {
  const { schedule } = rule;
  const isContinuous = schedule.kind === 'continuous';
  return {
    id: String(stored.number),
    displayName: rule.displayName,
    isEnabled: rule.enabled && stored.switched_off === 0,
    status: stored.switched_off === 1 ? 'autoDisabled' : rule.enabled ? 'enabled' : 'disabled',
    createdBy: stored.created_by,
    createdDateTime: stored.created,
    lastModifiedBy: stored.modified_by,
    lastModifiedDateTime: stored.modified,
    detectorId: stored.detector,
    queryCondition: { queryText: rule.query, lastModifiedDateTime: stored.query_modified },
    schedule: {
      period: isContinuous ? '0' : periodOf(schedule.everyMs),
      nextRunDateTime: isContinuous ? null : stored.next_run,
    },
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
        category: rule.category,
        recommendedActions: rule.recommendedActions === '' ? null : rule.recommendedActions,
        mitreTechniques: rule.techniques,
        impactedAssets: ASSET_KINDS.flatMap((kind) => {
          const column = rule.entities[kind];
          return column === undefined
            ? []
            : [{ '@odata.type': ASSET_TYPES[kind], identifier: identifierOf(column) }];
        }),
      },
      organizationalScope:
        rule.deviceGroups.length === 0
          ? null
          : { scopeType: 'deviceGroup', scopeNames: [...rule.deviceGroups] },
      responseActions: [],
    },
  };
}

const ASSET_TYPES = {
  device: '#microsoft.graph.security.impactedDeviceAsset',
  user: '#microsoft.graph.security.impactedUserAsset',
  mailbox: '#microsoft.graph.security.impactedMailboxAsset',
} as const;

/**
 * A rule of the body of `POST`, or of `PATCH` with the rule as it is. Members that Graph sets itself are passed over.
 * Throws `InvalidInput` (400) for what this server does not do: response actions. Other faults are the outcome's.
 */
export function ruleOfGraph(body: Members, before: Rule | undefined): RuleOutcome {
  const action = memberOf(body, 'detectionAction');
  const template = memberOf(action, 'alertTemplate');
  const scope = memberOf(action, 'organizationalScope');
  const actions = action['responseActions'];
  if (Array.isArray(actions) && actions.length > 0) {
    throw new RequestError('InvalidInput', 400, 'Invalid input: `responseActions` are not supported here');
  }
  const displayName = body['displayName'] ?? before?.displayName;
  const enabled =
    body['isEnabled'] ?? (body['status'] === undefined ? undefined : body['status'] === 'enabled');
  const period = memberOf(body, 'schedule')['period'];
  const given = {
    name: before?.name ?? nameOf(displayName),
    displayName,
    enabled,
    description: template['description'],
    query: memberOf(body, 'queryCondition')['queryText'],
    frequency: period === undefined ? undefined : frequencyOf(period),
    title: template['title'],
    severity: template['severity'],
    category: categoryOf(template['category']),
    techniques: template['mitreTechniques'],
    recommendedActions: template['recommendedActions'] ?? undefined,
    entities: template['impactedAssets'] === undefined ? undefined : entitiesOf(template['impactedAssets']),
    deviceGroups: scope['scopeNames'],
  };
  const changed = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
  const kept: Record<string, unknown> = before === undefined ? {} : { ...ruleForm(before) };
  if ('frequency' in changed) delete kept['lookback'];
  return readRule({ ...kept, ...changed });
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

/** `deviceId` of the API is the column `DeviceId`. */
function entitiesOf(assets: unknown): Entities | unknown {
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
  return entities;
}

function identifierOf(column: string): string {
  return column.slice(0, 1).toLowerCase() + column.slice(1);
}
