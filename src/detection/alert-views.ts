import type { Alert } from '../store/alerts.ts';
import type { Incident } from '../store/incidents.ts';
import type { AlertFacts } from './alert-records.ts';
import type { Evidence } from './evidence.ts';

export type View = Readonly<Record<string, unknown>>;

/**
 * An alert as the alert API shows it, members in its order. Without evidence the member is an empty list.
 * Source: https://learn.microsoft.com/defender-endpoint/api/alerts
 */
export function alertView(alert: Alert, evidence: readonly Evidence[]): View {
  const facts = JSON.parse(alert.facts) as AlertFacts;
  return {
    id: alert.id,
    incidentId: alert.incident,
    investigationId: null,
    assignedTo: alert.assigned_to,
    severity: alert.severity,
    status: alert.status,
    classification: alert.classification,
    determination: alert.determination,
    investigationState: 'UnsupportedAlertType',
    detectionSource: facts.detectionSource,
    detectorId: facts.detectorId,
    category: alert.category,
    threatFamilyName: orNull(facts.threatFamily),
    title: facts.title,
    description: facts.description,
    alertCreationTime: alert.created,
    firstEventTime: alert.first_event,
    lastEventTime: alert.last_event,
    lastUpdateTime: alert.updated,
    resolvedTime: alert.resolved,
    machineId: orNull(alert.device),
    computerDnsName: orNull(facts.computerDnsName),
    rbacGroupName: orNull(facts.machineGroup),
    aadTenantId: alert.tenant,
    threatName: orNull(facts.threatName),
    mitreTechniques: facts.techniques,
    relatedUser:
      facts.userName === '' ? null : { userName: facts.userName, domainName: orNull(facts.userDomain) },
    comments: JSON.parse(alert.comments),
    evidence,
  };
}

/** An incident with its alerts. Source: https://learn.microsoft.com/defender-xdr/api-incident */
export function incidentView(
  incident: Incident,
  alerts: readonly { readonly alert: Alert; readonly evidence: readonly Evidence[] }[],
): View {
  return {
    incidentId: incident.id,
    redirectIncidentId: incident.redirect,
    incidentName: incident.name,
    createdTime: incident.created,
    lastUpdateTime: incident.updated,
    assignedTo: incident.assigned_to,
    classification: incident.classification,
    determination: incident.determination,
    status: incident.status,
    severity: incident.severity,
    tags: JSON.parse(incident.tags),
    comments: JSON.parse(incident.comments),
    alerts: alerts.map(({ alert, evidence }) => incidentAlert(alert, evidence)),
  };
}

function incidentAlert(alert: Alert, evidence: readonly Evidence[]): View {
  const facts = JSON.parse(alert.facts) as AlertFacts;
  return {
    alertId: alert.id,
    incidentId: alert.incident,
    serviceSource: facts.serviceSource,
    creationTime: alert.created,
    lastUpdatedTime: alert.updated,
    resolvedTime: alert.resolved,
    firstActivity: alert.first_event,
    lastActivity: alert.last_event,
    title: facts.title,
    description: facts.description,
    category: alert.category,
    status: alert.status,
    severity: alert.severity,
    investigationId: null,
    investigationState: 'UnsupportedAlertType',
    classification: alert.classification,
    determination: alert.determination,
    detectionSource: facts.detectionSource,
    assignedTo: alert.assigned_to,
    actorName: null,
    threatFamilyName: orNull(facts.threatFamily),
    mitreTechniques: facts.techniques,
    devices: alert.device === '' ? [] : [incidentDevice(alert, facts)],
    entities: evidence.map((item) => incidentEntity(item, alert.device)),
  };
}

function incidentDevice(alert: Alert, facts: AlertFacts): View {
  return {
    mdatpDeviceId: alert.device,
    aadDeviceId: orNull(facts.aadDeviceId),
    deviceDnsName: orNull(facts.computerDnsName),
    osPlatform: orNull(facts.osPlatform),
    version: orNull(facts.osVersion),
    osProcessor: null,
    osBuild: /^\d+$/.test(facts.osBuild) ? Number(facts.osBuild) : null,
    healthStatus: null,
    riskScore: null,
    rbacGroupName: orNull(facts.machineGroup),
    rbacGroupId: null,
    firstSeen: null,
  };
}

const ENTITY_MEMBERS = [
  'entityType',
  'sha1',
  'sha256',
  'fileName',
  'filePath',
  'processId',
  'processCommandLine',
  'processCreationTime',
  'parentProcessId',
  'parentProcessCreationTime',
  'ipAddress',
  'url',
  'accountName',
  'domainName',
  'userSid',
  'aadUserId',
  'userPrincipalName',
] as const;
const EMPTY_MEMBERS = [
  'mailboxDisplayName',
  'mailboxAddress',
  'clusterBy',
  'sender',
  'recipient',
  'subject',
  'deliveryAction',
  'securityGroupId',
  'securityGroupName',
] as const;

function incidentEntity(item: Evidence, device: string): View {
  return {
    ...Object.fromEntries(ENTITY_MEMBERS.map((name) => [name, item[name]])),
    ...Object.fromEntries(EMPTY_MEMBERS.map((name) => [name, null])),
    ...(item.entityType === 'MailBox' ? { mailboxAddress: item.userPrincipalName } : {}),
    registryHive: item.registryHive,
    registryKey: item.registryKey,
    registryValueType: item.registryValueType,
    registryValue: item.registryValue,
    deviceId: orNull(device),
  };
}

function orNull(text: string): string | null {
  return text === '' ? null : text;
}
