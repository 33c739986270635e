import type { View } from '../../detection/alert-views.ts';
import { type Html, html } from './html.ts';
import { page } from './layout.ts';

/** Who reads the page. */
export interface Reader {
  readonly upn: string;
  readonly signOutUrl: string;
}

/** An alert with its evidence, for people. */
export function alertPage(alert: View, user: Reader): string {
  const evidence = alert['evidence'] as readonly View[];
  return page(
    text(alert, 'title'),
    html`<p>${level(alert)} ${text(alert, 'description')}</p>
${facts([
  ['Status', text(alert, 'status')],
  ['Category', text(alert, 'category')],
  ['Techniques', (alert['mitreTechniques'] as readonly string[]).join(', ')],
  ['Device', text(alert, 'computerDnsName') || text(alert, 'machineId')],
  ['Assigned to', text(alert, 'assignedTo')],
  ['First event', time(alert, 'firstEventTime')],
  ['Last event', time(alert, 'lastEventTime')],
  ['Raised', time(alert, 'alertCreationTime')],
  ['Id', text(alert, 'id')],
])}
<p><a href="/incidents/${text(alert, 'incidentId')}">Incident ${text(alert, 'incidentId')}</a></p>
${evidence.length > 0 && html`<h2>Evidence</h2><div class="cards">${evidence.map(evidenceItem)}</div>`}`,
    { isWide: true, user },
  );
}

/** An incident with its alerts. */
export function incidentPage(incident: View, user: Reader): string {
  const alerts = incident['alerts'] as readonly View[];
  return page(
    text(incident, 'incidentName'),
    html`<p>${level(incident)} Incident ${text(incident, 'incidentId')}</p>
${facts([
  ['Status', text(incident, 'status')],
  ['Assigned to', text(incident, 'assignedTo')],
  ['Tags', (incident['tags'] as readonly string[]).join(', ')],
  ['Begun', time(incident, 'createdTime')],
  ['Updated', time(incident, 'lastUpdateTime')],
])}
<h2>${alerts.length === 1 ? '1 alert' : `${alerts.length} alerts`}</h2>
<ul class="cards">${alerts.map(alertItem)}</ul>`,
    { isWide: true, user },
  );
}

function alertItem(alert: View): Html {
  return html`<li><h3><a href="/alert/${text(alert, 'alertId')}">${text(alert, 'title')}</a></h3>
<p>${level(alert)} ${text(alert, 'status')}, <span class="soft">${time(alert, 'lastActivity')}</span></p></li>`;
}

/** Which members say something differs by kind; the time at which they were noted is the alert's. */
const UNSAID = ['entityType', 'detectionStatus', 'evidenceCreationTime'];

function evidenceItem(item: View): Html {
  const named = Object.keys(item).filter((name) => !UNSAID.includes(name));
  const shown = (name: string) => (name.endsWith('Time') ? time(item, name) : text(item, name));
  return html`<section><h3>${words(text(item, 'entityType'))}</h3>
${facts(named.map((name) => [words(name), shown(name)]))}</section>`;
}

function facts(pairs: readonly (readonly [string, string | Html])[]): Html {
  const shown = pairs.filter(([, value]) => value !== '');
  return html`<dl>${shown.map(([name, value]) => html`<dt>${name}</dt><dd>${value}</dd>`)}</dl>`;
}

function level(view: View): Html {
  const severity = text(view, 'severity');
  return html`<span class="level ${severity.toLowerCase()}">${severity}</span>`;
}

/** To the second, for people; the whole of it stands in the markup. */
function time(view: View, name: string): string | Html {
  const value = text(view, name);
  const [, day, clock] = /^(\d{4}-\d\d-\d\d)T(\d\d:\d\d:\d\d)/.exec(value) ?? [];
  if (day === undefined || clock === undefined) return value;
  return html`<time datetime="${value}" title="${value}">${day} ${clock} UTC</time>`;
}

const ABBREVIATIONS = /\b(sha1|sha256|md5|ip|url|sid|id|aad)\b/gi;

/** `parentProcessId` -> `Parent process ID`. */
function words(name: string): string {
  const apart = name.replace(/([a-z0-9])([A-Z])/g, '$1 $2').toLowerCase();
  const text = apart.charAt(0).toUpperCase() + apart.slice(1);
  return text.replace(ABBREVIATIONS, (word) => word.toUpperCase());
}

function text(view: View, name: string): string {
  const value = view[name];
  return value === null || value === undefined ? '' : String(value);
}
