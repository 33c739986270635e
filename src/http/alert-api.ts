import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { readChange } from '../detection/alert-change.ts';
import type { View } from '../detection/alert-views.ts';
import { type Sees, seesDevices } from '../detection/visible.ts';
import type { ApiFamily } from '../identity/resources.ts';
import { ALERTS, type EitherPermission, INCIDENTS } from '../identity/roles.ts';
import type { Caller } from '../model/caller.ts';
import { RequestError } from '../model/request-error.ts';
import { tickTextOf } from '../model/ticks.ts';
import { callerWith } from './any-permission.ts';
import type { LimitedCall } from './call-limits.ts';
import { DEFENDER_ROOTS } from './defender-roots.ts';
import type { AppDeps } from './deps.ts';
import { JSON_TYPE } from './errors.ts';
import { parseInstant } from './iso-interval.ts';
import { readOData } from './odata.ts';
import { jsonObject, ownMember, requiredText, takeBytes } from './request-body.ts';

const MAX_BYTES = 1024 * 1024;
const MOST_ALERTS = 10_000;
const MOST_INCIDENTS = 100;
const MOST_IDS = 1000;

/** Source: https://learn.microsoft.com/defender-endpoint/api/get-alerts (supported properties) */
const ALERT_MEMBERS = [
  'alertCreationTime',
  'lastUpdateTime',
  'incidentId',
  'investigationId',
  'id',
  'assignedTo',
  'detectionSource',
  'lastEventTime',
  'status',
  'severity',
  'category',
  'machineId',
];
/** Source: https://learn.microsoft.com/defender-xdr/api-list-incidents */
const INCIDENT_MEMBERS = ['lastUpdateTime', 'createdTime', 'status', 'assignedTo'];

interface ById {
  readonly Params: { readonly id: string };
}

/** The alert and incident APIs of Defender. The list of alerts shares its path with the SIEM pull: see alerts.ts. */
export async function alertApiRoutes(app: FastifyInstance, deps: AppDeps): Promise<void> {
  takeBytes(app, MAX_BYTES);
  for (const root of DEFENDER_ROOTS) {
    alertsBelow(app, deps, root);
    incidentsBelow(app, deps, root);
  }
}

function alertsBelow(app: FastifyInstance, deps: AppDeps, root: string): void {
  const { alerts } = deps.detection;
  app.get<ById>(`${root}/alerts/:id`, async (request, reply) => {
    const { tenant, sees } = await seer(deps, request, ['endpoint'], ALERTS.read, 'getAlert');
    return reply.type(JSON_TYPE).send({
      '@odata.context': context(deps, 'Alerts/$entity'),
      ...required(await alerts.alert(tenant, request.params.id, sees), request.params.id),
    });
  });

  app.patch<ById>(`${root}/alerts/:id`, async (request, reply) => {
    const { tenant, by, sees } = await seer(deps, request, ['endpoint'], ALERTS.write, 'updateAlert');
    const change = readChange(jsonObject(request), 'alert');
    const changed = await alerts.changeAlert(tenant, request.params.id, change, by, sees);
    return reply.type(JSON_TYPE).send({ '@odata.context': context(deps, 'Alerts/$entity'), ...changed });
  });

  app.post(`${root}/alerts/batchUpdate`, async (request, reply) => {
    const { tenant, by, sees } = await seer(deps, request, ['endpoint'], ALERTS.write, 'updateAlerts');
    const body = jsonObject(request);
    const ids = ownMember(body, 'alertIds');
    if (!Array.isArray(ids) || ids.length > MOST_IDS || !ids.every((id) => typeof id === 'string')) {
      throw new RequestError('InvalidInput', 400, 'Invalid input: `alertIds` is not a list of ids');
    }
    const change = readChange(body, 'alert', ['alertids']);
    for (const id of ids) required(await alerts.alert(tenant, id, sees), id);
    for (const id of ids) await alerts.changeAlert(tenant, id, change, by, sees);
    return reply.code(200).send();
  });

  app.post(`${root}/alerts/CreateAlertByReference`, async (request, reply) => {
    const { tenant, sees } = await seer(deps, request, ['endpoint'], ALERTS.write, 'createAlertByReference');
    const body = jsonObject(request);
    const machineId = requiredText(body, 'machineId');
    const eventTime = parseInstant(requiredText(body, 'eventTime'));
    if (eventTime === undefined) throw new RequestError('InvalidInput', 400, 'Invalid input: `eventTime`');
    // Of a device that the caller does not see, there is no event.
    if (!sees({ id: machineId, name: '', osPlatform: '' })) {
      throw new RequestError('ResourceNotFound', 404, 'Resource event was not found');
    }
    const id = await deps.rules.alertByReference({
      tenant,
      machineId,
      eventTime: tickTextOf(eventTime),
      reportId: String(ownMember(body, 'reportId') ?? ''),
      title: requiredText(body, 'title'),
      description: requiredText(body, 'description'),
      recommendedAction: requiredText(body, 'recommendedAction'),
      severity: requiredText(body, 'severity'),
      category: requiredText(body, 'category'),
    });
    return reply.type(JSON_TYPE).send({
      '@odata.context': context(deps, 'Alerts/$entity'),
      ...required(await alerts.alert(tenant, id, () => true), id),
    });
  });
}

function incidentsBelow(app: FastifyInstance, deps: AppDeps, root: string): void {
  const { alerts } = deps.detection;
  app.get(`${root}/incidents`, async (request, reply) => {
    const { tenant, sees } = await seer(deps, request, ['incidents'], INCIDENTS.read, 'listIncidents');
    const query = readOData(request.query, { members: INCIDENT_MEMBERS, mostTop: MOST_INCIDENTS });
    const value: View[] = [];
    const wanted = query.top ?? MOST_INCIDENTS;
    let passed = 0;
    for await (const incident of alerts.incidents(tenant, sees)) {
      if (value.length >= wanted) break;
      if (!query.matches(incident.head)) continue;
      const whole = await incident.whole();
      if (whole !== undefined && passed++ >= query.skip) value.push(whole);
    }
    return reply.type(JSON_TYPE).send({ '@odata.context': context(deps, 'Incidents'), value });
  });

  app.get<ById>(`${root}/incidents/:id`, async (request, reply) => {
    const { tenant, sees } = await seer(deps, request, ['incidents'], INCIDENTS.read, 'getIncident');
    const { id } = request.params;
    return reply.type(JSON_TYPE).send({
      '@odata.context': context(deps, 'Incidents/$entity'),
      ...required(await alerts.incident(tenant, numberOf(id), sees), id),
    });
  });

  app.patch<ById>(`${root}/incidents/:id`, async (request, reply) => {
    const { tenant, by, sees } = await seer(deps, request, ['incidents'], INCIDENTS.write, 'updateIncident');
    const change = readChange(jsonObject(request), 'incident');
    const id = numberOf(request.params.id);
    const changed = await alerts.changeIncident(tenant, id, change, by, sees);
    return reply.type(JSON_TYPE).send({ '@odata.context': context(deps, 'Incidents/$entity'), ...changed });
  });
}

/** `GET /api/alerts` for a token of Defender. */
export async function listAlerts(
  deps: AppDeps,
  request: FastifyRequest,
  reply: FastifyReply,
  caller: Caller,
): Promise<FastifyReply> {
  deps.admitCall?.(caller, 'listAlerts');
  const query = readOData(request.query, { members: ALERT_MEMBERS, mostTop: MOST_ALERTS });
  const { alerts } = deps.detection;
  const sees = seesDevices(await deps.deviceScope(caller));
  const value: View[] = [];
  const wanted = query.top ?? MOST_ALERTS;
  let passed = 0;
  for await (const alert of alerts.alerts(caller.tenant, sees)) {
    if (value.length >= wanted) break;
    if (!query.matches(alert) || passed++ < query.skip) continue;
    const whole = query.expand.includes('evidence')
      ? await alerts.alert(caller.tenant, String(alert['id']), sees)
      : undefined;
    value.push(whole ?? alert);
  }
  return reply.type(JSON_TYPE).send({ '@odata.context': context(deps, 'Alerts'), value });
}

function context(deps: AppDeps, what: string): string {
  return `${deps.address.primary()}/api/$metadata#${what}`;
}

function required(view: View | undefined, id: string): View {
  if (view === undefined) {
    throw new RequestError('ResourceNotFound', 404, `Resource ${id.slice(0, 60)} was not found`);
  }
  return view;
}

function numberOf(id: string): number {
  return /^\d{1,15}$/.test(id) ? Number(id) : -1;
}

/** A caller with what it sees; the call is counted. Rejects with `RequestError` 401, 403 or 429. */
async function seer(
  deps: AppDeps,
  request: FastifyRequest,
  families: readonly ApiFamily[],
  allowed: EitherPermission,
  call: LimitedCall,
): Promise<{ readonly tenant: string; readonly by: string; readonly sees: Sees }> {
  const caller = await callerWith(deps, request, families, allowed);
  deps.admitCall?.(caller, call);
  const sees = seesDevices(await deps.deviceScope(caller));
  return { tenant: caller.tenant, by: caller.user ?? caller.app, sees };
}
