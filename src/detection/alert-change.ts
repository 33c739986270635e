import { RequestError } from '../model/request-error.ts';

/** What an analyst may change of an alert or incident; a member that is undefined stays. */
export interface AlertChange {
  readonly status?: string | undefined;
  readonly assignedTo?: string | null | undefined;
  readonly classification?: string | undefined;
  readonly determination?: string | undefined;
  readonly comment?: string | undefined;
  readonly tags?: readonly string[] | undefined;
}

const ALERT_STATUS = ['New', 'InProgress', 'Resolved'];
const INCIDENT_STATUS = ['Active', 'InProgress', 'Resolved', 'Redirected'];

/** DATA: every spelling of the pages, old and new, and the one that is kept. */
const CLASSIFICATIONS: Readonly<Record<string, string>> = {
  truepositive: 'TruePositive',
  falsepositive: 'FalsePositive',
  informationalexpectedactivity: 'InformationalExpectedActivity',
  'informational, expected activity': 'InformationalExpectedActivity',
  benignpositive: 'InformationalExpectedActivity',
  unknown: 'Unknown',
};
const DETERMINATIONS: Readonly<Record<string, string>> = {
  multistagedattack: 'MultiStagedAttack',
  malicioususeractivity: 'MaliciousUserActivity',
  compromiseduser: 'CompromisedUser',
  compromisedaccount: 'CompromisedUser',
  malware: 'Malware',
  phishing: 'Phishing',
  unwantedsoftware: 'UnwantedSoftware',
  securitytesting: 'SecurityTesting',
  lineofbusinessapplication: 'LineOfBusinessApplication',
  confirmeduseractivity: 'ConfirmedUserActivity',
  confirmedactivity: 'ConfirmedUserActivity',
  clean: 'Clean',
  notmalicious: 'Clean',
  insufficientdata: 'InsufficientData',
  noenoughdatatovalidate: 'InsufficientData',
  notenoughdatatovalidate: 'InsufficientData',
  apt: 'Apt',
  securitypersonnel: 'SecurityPersonnel',
  notavailable: 'NotAvailable',
  other: 'Other',
};
const MOST_TAGS = 100;

/** Reads a body's members, in any letter case. Throws `InvalidInput` (400), also for a body that changes nothing. */
export function readChange(
  body: Readonly<Record<string, unknown>>,
  of: 'alert' | 'incident',
  ignored: readonly string[] = [],
): AlertChange {
  const members = new Map(Object.entries(body).map(([name, value]) => [name.toLowerCase(), value]));
  const known = ['status', 'assignedto', 'classification', 'determination', 'comment'];
  if (of === 'incident') known.push('tags');
  for (const name of members.keys()) {
    if (!known.includes(name) && !ignored.includes(name)) throw invalid(name, 'cannot be changed');
  }
  const text = (name: string): string | undefined => {
    const value = members.get(name) ?? undefined;
    if (value !== undefined && typeof value !== 'string') throw invalid(name, 'is not text');
    return value;
  };
  const named = (name: string, names: Readonly<Record<string, string>>): string | undefined => {
    const given = text(name);
    if (given === undefined) return undefined;
    const found = names[given.toLowerCase()];
    if (found === undefined)
      throw invalid(name, `is not one of ${[...new Set(Object.values(names))].join(', ')}`);
    return found;
  };
  const statuses = of === 'alert' ? ALERT_STATUS : INCIDENT_STATUS;
  const change: AlertChange = {
    status: named('status', Object.fromEntries(statuses.map((status) => [status.toLowerCase(), status]))),
    assignedTo: members.get('assignedto') === null ? null : text('assignedto'),
    classification: named('classification', CLASSIFICATIONS),
    determination: named('determination', DETERMINATIONS),
    comment: text('comment'),
    tags: tagsOf(members.get('tags')),
  };
  if (Object.values(change).every((value) => value === undefined)) {
    throw new RequestError('InvalidInput', 400, `Invalid input: expected one of ${known.join(', ')}`);
  }
  return change;
}

function tagsOf(value: unknown): readonly string[] | undefined {
  if (value === undefined || value === null) return undefined;
  const isList = Array.isArray(value) && value.length <= MOST_TAGS;
  if (isList && value.every((tag) => typeof tag === 'string')) return value;
  throw invalid('tags', 'is not a list of texts');
}

function invalid(name: string, problem: string): RequestError {
  return new RequestError('InvalidInput', 400, `Invalid input: \`${name.slice(0, 60)}\` ${problem}`);
}
