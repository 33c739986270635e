import type { EventMapping } from './event-mapping.ts';
import { POWERSHELL_MAPPINGS } from './powershell.ts';
import { SECURITY_MAPPINGS } from './security.ts';
import { SYSMON_MAPPINGS } from './sysmon.ts';

/** Every kind of Windows event that becomes a row. */
export const WINDOWS_MAPPINGS: readonly EventMapping[] = [
  ...SYSMON_MAPPINGS,
  ...SECURITY_MAPPINGS,
  ...POWERSHELL_MAPPINGS,
];
