import { apply, type Source } from './source.ts';
import { fileName } from './windows-values.ts';

/** The two columns that a path fills. */
export const named = (source: Source) => ({
  FileName: apply('file name', fileName, source),
  FolderPath: source,
});

/** What the end of a process tells of its start. */
export const startOfProcess = {
  ProcessCreationTime: {
    text: 'start of the process, where known',
    read: (_event, facts) => facts.created,
  },
  ProcessCommandLine: {
    text: 'command line of the process, where known',
    read: (_event, facts) => facts.commandLine,
  },
} as const satisfies Readonly<Record<string, Source>>;
