import { writerActor } from './actor.ts';
import type { EventMapping } from './event-mapping.ts';
import { constant, field, json, number } from './source.ts';

/** https://learn.microsoft.com/powershell/module/microsoft.powershell.core/about/about_logging_windows */
export const POWERSHELL_MAPPINGS: readonly EventMapping[] = [
  {
    source: 'PowerShell',
    id: 4104,
    title: 'script block',
    table: 'DeviceEvents',
    action: constant('PowerShellCommand'),
    actor: writerActor(/\\(powershell|powershell_ise|pwsh|wsmprovhost)\.exe$/i),
    columns: {
      AdditionalFields: json({
        Command: field('ScriptBlockText'),
        ScriptBlockId: field('ScriptBlockId'),
        Path: field('Path'),
        MessageNumber: number(field('MessageNumber')),
        MessageTotal: number(field('MessageTotal')),
      }),
    },
  },
];
