import type { LocalFile } from '../beside/job.ts';

/** Where the files are that `externaldata` names. */
export interface ExternalFiles {
  /** A file for each address, or why there is none, in a sentence for the query's author. Rejects as an engine would. */
  find(
    urls: readonly string[],
    call: { remainingMs(): number | undefined; readonly signal: AbortSignal | undefined },
  ): Promise<readonly LocalFile[] | { readonly refused: string }>;
}

/** Where no setting allows any. */
export function noExternalFiles(): ExternalFiles {
  return {
    find: (urls) => {
      const what = urls.length > 0 ? urls.map((url) => `\`${url}\``).join(', ') : 'a URL';
      return Promise.resolve({ refused: `\`externaldata\` would read ${what}, which is not available here` });
    },
  };
}
