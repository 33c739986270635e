import type { Column } from '../model/table-schema.ts';
import { ASSET_KINDS, type Rule, type RuleFault, templateColumns } from './rule.ts';

/**
 * What a rule's rows must have to become detections: the event's time, what names the event, and someone or something
 * that is impacted. Every fault says what is missing and how to add it.
 * Source: https://learn.microsoft.com/defender-xdr/custom-detection-rules (required columns)
 */
export function checkColumns(rule: Rule, columns: readonly Column[]): readonly RuleFault[] {
  const types = new Map(columns.map(({ name, type }) => [name, type]));
  const faults: RuleFault[] = [];
  const missing = (member: string, message: string) =>
    faults.push({ code: 'MissingColumn', member, message });

  if (types.get('Timestamp') !== 'datetime') {
    missing(
      'query',
      `the rows have no datetime column \`Timestamp\`: keep it in \`project\`; after \`summarize\` write \`${ARG_MAX}\``,
    );
  }
  if (!IDENTITIES.some((names) => names.every((name) => types.has(name)))) {
    missing(
      'query',
      'the rows do not name their event: keep `ReportId`, and for device tables `DeviceId`; ' +
        `after \`summarize\` write \`${ARG_MAX}\``,
    );
  }
  const mapped = ASSET_KINDS.some((kind) => types.has(rule.entities[kind] ?? ''));
  if (!mapped && !ASSET_COLUMNS.some((name) => types.has(name))) {
    missing(
      'query',
      `the rows name no impacted asset: keep one of ${ASSET_COLUMNS.map((name) => `\`${name}\``).join(', ')}`,
    );
  }
  const uses: readonly (readonly [string, string])[] = [
    ...Object.entries(rule.entities).map(([kind, name]) => [`entities.${kind}`, name] as const),
    ...Object.entries(rule.customDetails).map(([key, name]) => [`customDetails.${key}`, name] as const),
    ...templateColumns(rule.title).map((name) => ['title', name] as const),
    ...templateColumns(rule.description).map((name) => ['description', name] as const),
  ];
  for (const [member, name] of uses) {
    if (types.has(name)) continue;
    const message = `the rows have no column \`${name}\`: keep it in the query, or name one of the rows' columns`;
    faults.push({ code: 'UnknownColumn', member, message });
  }
  return faults;
}

const ARG_MAX = '| summarize (Timestamp, ReportId) = arg_max(Timestamp, ReportId) by DeviceId';

/** Any of these, together with the time, names an event. */
const IDENTITIES: readonly (readonly string[])[] = [['ReportId'], ['ObservationId'], ['AlertId']];

/** Columns that name an impacted asset, in the documented order. */
const ASSET_COLUMNS: readonly string[] = [
  'DeviceId',
  'DeviceName',
  'RemoteDeviceName',
  'RecipientEmailAddress',
  'SenderFromAddress',
  'SenderMailFromAddress',
  'RecipientObjectId',
  'AccountObjectId',
  'AccountSid',
  'AccountUpn',
  'InitiatingProcessAccountSid',
  'InitiatingProcessAccountUpn',
  'InitiatingProcessAccountObjectId',
];
