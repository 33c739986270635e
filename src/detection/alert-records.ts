import type { Alert } from '../store/alerts.ts';
import type { Evidence } from './evidence.ts';

/** What an alert is made of and never changes: the JSON of its `facts`. */
export interface AlertFacts {
  readonly title: string;
  readonly description: string;
  readonly recommendedActions: string;
  readonly techniques: readonly string[];
  readonly detectorId: string;
  readonly detectionSource: string;
  readonly serviceSource: string;
  readonly computerDnsName: string;
  readonly machineGroup: string;
  readonly userName: string;
  readonly userDomain: string;
  readonly threatName: string;
  readonly threatFamily: string;
  readonly customDetails: Readonly<Record<string, string>>;
  readonly osPlatform: string;
  readonly osVersion: string;
  readonly osBuild: string;
  readonly aadDeviceId: string;
}

/** Rows of AlertInfo (for a new alert) and AlertEvidence, as records that ingestion takes; one a line. */
export function alertRecords(alert: Alert, isNew: boolean, evidence: readonly Evidence[]): readonly string[] {
  const facts = JSON.parse(alert.facts) as AlertFacts;
  const common = {
    Timestamp: alert.updated,
    AlertId: alert.id,
    Title: facts.title,
    AttackTechniques: JSON.stringify(facts.techniques),
    ServiceSource: 'Microsoft Defender for Endpoint',
    DetectionSource: 'Custom detection',
    Severity: alert.severity,
  };
  const info = record('AlertInfo', { ...common, Category: alert.category });
  const device = {
    ...common,
    Categories: JSON.stringify([alert.category]),
    EntityType: 'Machine',
    EvidenceRole: 'Impacted',
    DeviceId: alert.device,
    DeviceName: facts.computerDnsName,
  };
  const head = isNew ? [info, ...(alert.device === '' ? [] : [record('AlertEvidence', device)])] : [];
  return [
    ...head,
    ...evidence.map((item) =>
      record('AlertEvidence', {
        ...common,
        Categories: JSON.stringify([alert.category]),
        EntityType: item.entityType,
        EvidenceRole: item.entityType === 'User' || item.entityType === 'MailBox' ? 'Impacted' : 'Related',
        FileName: item.fileName,
        FolderPath: item.filePath,
        SHA1: item.sha1,
        SHA256: item.sha256,
        RemoteIP: item.ipAddress,
        RemoteUrl: item.url,
        AccountName: item.accountName,
        AccountDomain: item.domainName,
        AccountSid: item.userSid,
        AccountObjectId: item.aadUserId,
        AccountUpn: item.userPrincipalName,
        DeviceId: alert.device,
        DeviceName: facts.computerDnsName,
        ProcessCommandLine: item.processCommandLine,
        RegistryKey: item.registryKey,
        RegistryValueData: item.registryValue,
      }),
    ),
  ];
}

function record(table: string, properties: object): string {
  return JSON.stringify({ category: `AdvancedHunting-${table}`, properties });
}
