import { ADMIN, type Habit, LOCAL, POWERSHELL, PROGRAMS, SYSTEM, SYSTEM32, start, WINDOWS } from './habit.ts';

const CMD = `${SYSTEM32}cmd.exe`;
const SVCHOST = `${SYSTEM32}svchost.exe`;
const WMI_PROVIDER = `${SYSTEM32}wbem\\WmiPrvSE.exe`;
const EXPLORER = `${WINDOWS}explorer.exe`;

/** Most starts of processes. */
export const DAILY_LIFE: readonly Habit[] = [
  {
    share: 60,
    events: [
      start(
        EXPLORER,
        `${PROGRAMS}Google\\Chrome\\Application\\chrome.exe`,
        '"chrome.exe" --type=renderer --session={n}',
      ),
    ],
  },
  {
    share: 40,
    events: [start(`${SYSTEM32}services.exe`, SVCHOST, `${SVCHOST} -k netsvcs -p -s Schedule`, SYSTEM)],
  },
  {
    share: 25,
    events: [
      start(
        EXPLORER,
        `${PROGRAMS}Microsoft Office\\root\\Office16\\WINWORD.EXE`,
        '"WINWORD.EXE" /n "C:\\Users\\{user}\\Documents\\plan-{n}.docx" /o ""',
      ),
    ],
  },
  {
    share: 25,
    events: [
      start(CMD, `${SYSTEM32}conhost.exe`, '\\??\\C:\\Windows\\system32\\conhost.exe 0xffffffff -ForceV1'),
    ],
  },
  {
    share: 20,
    events: [start(SVCHOST, `${SYSTEM32}taskhostw.exe`, 'taskhostw.exe Install $(Arg0)', SYSTEM)],
  },
  {
    share: 15,
    events: [
      start(
        EXPLORER,
        `${LOCAL}Microsoft\\Teams\\current\\Teams.exe`,
        '"Teams.exe" --type=gpu-process --id={n}',
      ),
    ],
  },
  {
    share: 10,
    events: [
      start(
        SVCHOST,
        `${SYSTEM32}backgroundTaskHost.exe`,
        'backgroundTaskHost.exe -ServerName:App.AppX{hex}.mca',
      ),
    ],
  },
  { share: 10, events: [start(SVCHOST, WMI_PROVIDER, `${WMI_PROVIDER} -secured -Embedding`, SYSTEM)] },
  {
    share: 8,
    events: [
      start(
        EXPLORER,
        POWERSHELL,
        '"powershell.exe" -NoExit -Command "Get-Service | Where-Object Status -eq Running"',
        ADMIN,
      ),
    ],
  },
];
