import { afterAll, beforeAll } from 'vitest';
import { type SignedIn, signedIn } from '../clients/signed-in.ts';

export interface Table {
  readonly TableKind?: string;
  readonly FrameType?: string;
  readonly Columns: readonly { ColumnName: string; ColumnType: string }[];
  readonly Rows: readonly (readonly unknown[])[];
}

interface Answer {
  readonly status: number;
  readonly frames: Table[];
  readonly text: string;
}

/** A server for the tests of one file, asked as Kusto's clients ask. */
export interface KustoCalls {
  readonly spoor: SignedIn;
  v2(csl: string, options?: object, more?: object): Promise<Answer>;
  /** The rows of each result. */
  rows(csl: string, options?: object, more?: object): Promise<Table['Rows'][]>;
  /** The one table of a management command's answer; `error` where it is refused. */
  command(csl: string): Promise<{
    readonly status: number;
    readonly error: { readonly code: string; readonly '@permanent': boolean };
    readonly table: Table;
  }>;
}

export function useKusto(): KustoCalls {
  let started: SignedIn | undefined;
  beforeAll(async () => {
    started = await signedIn();
  });
  afterAll(() => started?.stop());
  const calls: KustoCalls = {
    get spoor() {
      if (started === undefined) throw new Error('the server is not started yet');
      return started;
    },
    async v2(csl, options = {}, more = {}) {
      const { status, text } = await calls.spoor.call('/v2/rest/query', {
        db: 'hunting',
        csl,
        properties: { Options: options, ...more },
      });
      return { status, frames: JSON.parse(text) as Table[], text };
    },
    async rows(csl, options, more) {
      const { frames, text } = await calls.v2(csl, options, more);
      if (!Array.isArray(frames)) throw new Error(text);
      return frames.filter(({ TableKind }) => TableKind === 'PrimaryResult').map((table) => table.Rows);
    },
    async command(csl) {
      const { status, text } = await calls.spoor.call('/v1/rest/mgmt', { db: 'hunting', csl });
      const body = JSON.parse(text);
      return { status, error: body.error, table: body.Tables?.[0] };
    },
  };
  return calls;
}
