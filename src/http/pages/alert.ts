import type { View } from '../../detection/alert-views.ts';
import { type Html, html } from './html.ts';
import { page } from './layout.ts';

/** An alert with its evidence, for people. */
export function alertPage(alert: View): string {
  const evidence = alert['evidence'] as readonly View[];
  return page(
    text(alert, 'title'),
    html`<p>${text(alert, 'description')}</p>
${facts([
  ['Severity', text(alert, 'severity')],
  ['Category', text(alert, 'category')],
  ['Techniques', (alert['mitreTechniques'] as readonly string[]).join(', ')],
  ['Status', text(alert, 'status')],
  ['Assigned to', text(alert, 'assignedTo')],
  ['Device', text(alert, 'computerDnsName') || text(alert, 'machineId')],
  ['First event', text(alert, 'firstEventTime')],
  ['Last event', text(alert, 'lastEventTime')],
  ['Raised', text(alert, 'alertCreationTime')],
  ['Id', text(alert, 'id')],
])}
<p><a href="/incidents/${text(alert, 'incidentId')}">Incident ${text(alert, 'incidentId')}</a></p>
${evidence.map(evidenceItem)}`,
  );
}

/** An incident with its alerts. */
export function incidentPage(incident: View): string {
  const alerts = incident['alerts'] as readonly View[];
  return page(
    text(incident, 'incidentName'),
    html`${facts([
      ['Severity', text(incident, 'severity')],
      ['Status', text(incident, 'status')],
      ['Assigned to', text(incident, 'assignedTo')],
      ['Tags', (incident['tags'] as readonly string[]).join(', ')],
      ['Begun', text(incident, 'createdTime')],
      ['Updated', text(incident, 'lastUpdateTime')],
      ['Incident', text(incident, 'incidentId')],
    ])}
<ul>${alerts.map(
      (alert) =>
        html`<li><a href="/alert/${text(alert, 'alertId')}">${text(alert, 'title')}</a>
<span class="soft">${text(alert, 'severity')}, ${text(alert, 'status')}, ${text(alert, 'lastActivity')}</span></li>`,
    )}</ul>`,
  );
}

/** The members that say something; which they are differs by kind. */
function evidenceItem(item: View): Html {
  const named = Object.keys(item).filter((name) => !['entityType', 'detectionStatus'].includes(name));
  return html`<h2>${text(item, 'entityType')}</h2>
${facts(named.map((name) => [name, text(item, name)]))}`;
}

function facts(pairs: readonly (readonly [string, string])[]): Html {
  const shown = pairs.filter(([, value]) => value !== '');
  return html`<dl>${shown.map(([name, value]) => html`<dt>${name}</dt><dd>${value}</dd>`)}</dl>`;
}

function text(view: View, name: string): string {
  const value = view[name];
  return value === null || value === undefined ? '' : String(value);
}
