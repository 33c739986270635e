/** One Windows event as shippers send it, without time, host and record number. Values may hold `{placeholders}`. */
export type Told = Readonly<Record<string, string | number>>;

/** Something that happens again and again on devices that nobody attacks. */
export interface Habit {
  /** How often, against the other habits. */
  readonly share: number;
  /** The built-in rule that could take it for an attack. */
  readonly like?: string;
  /** On the workstation of the administrator who is named, not on any device. */
  readonly administrator?: true;
  /** In their order, on one device; placeholders have the same value in all of them. */
  readonly events: readonly Told[];
}

const SYSMON = 'Microsoft-Windows-Sysmon/Operational';
export const WINDOWS = 'C:\\Windows\\';
export const SYSTEM32 = 'C:\\Windows\\System32\\';
export const PROGRAMS = 'C:\\Program Files\\';
export const PROGRAMS_X86 = 'C:\\Program Files (x86)\\';
export const LOCAL = 'C:\\Users\\{user}\\AppData\\Local\\';
export const DOWNLOADS = 'C:\\Users\\{user}\\Downloads\\';
export const POWERSHELL = 'C:\\Windows\\System32\\WindowsPowerShell\\v1.0\\powershell.exe';
export const SYSTEM = 'NT AUTHORITY\\SYSTEM';
export const USER = 'CORP\\{user}';
export const ADMIN = 'CORP\\{admin}';

export function sysmon(id: number, data: Told): Told {
  return { Channel: SYSMON, EventID: id, ...data };
}

export function security(id: number, data: Told): Told {
  return { Channel: 'Security', EventID: id, ...data };
}

export function system(id: number, data: Told): Told {
  return { Channel: 'System', EventID: id, ...data };
}

/** A script block. */
export function script(text: string): Told {
  return {
    Channel: 'Microsoft-Windows-PowerShell/Operational',
    EventID: 4104,
    ScriptBlockText: text,
    ScriptBlockId: '{guid}',
    MessageNumber: 1,
    MessageTotal: 1,
  };
}

/** A start of a process, told by Sysmon. `parent` and `image` are paths. */
export function start(parent: string, image: string, command: string, user = USER, data: Told = {}): Told {
  return sysmon(1, {
    ParentImage: parent,
    ParentProcessGuid: '{process1}',
    ParentCommandLine: `"${parent}"`,
    ProcessGuid: '{process2}',
    ProcessId: '{n}',
    Image: image,
    CommandLine: command,
    User: user,
    IntegrityLevel: user === SYSTEM ? 'System' : 'Medium',
    OriginalFileName: fileName(image),
    Company: image.startsWith(WINDOWS) ? 'Microsoft Corporation' : 'Example Software Ltd.',
    ...data,
  });
}

/** A program and its child: what is known of the program is known of the parent of the child. */
export function startWithChild(
  grandparent: string,
  parent: string,
  image: string,
  command: string,
  user = USER,
): readonly Told[] {
  const first = { ProcessGuid: '{process1}', ParentProcessGuid: '{process0}' };
  return [start(grandparent, parent, `"${parent}"`, user, first), start(parent, image, command, user)];
}

export function load(image: string, library: string, user = USER): Told {
  return sysmon(7, {
    ProcessGuid: '{process2}',
    ProcessId: '{n}',
    Image: image,
    ImageLoaded: library,
    User: user,
    Signed: 'true',
    Signature: 'Microsoft Windows',
    SignatureStatus: 'Valid',
  });
}

export function setValue(image: string, key: string, details: string, user = USER): Told {
  return sysmon(13, {
    EventType: 'SetValue',
    ProcessGuid: '{process2}',
    ProcessId: '{n}',
    Image: image,
    TargetObject: key,
    Details: details,
    User: user,
  });
}

function fileName(path: string): string {
  return path.slice(path.lastIndexOf('\\') + 1);
}
