import type { CompileOptions, Diagnostic, ExplainStage, Stage } from '../kql/index.ts';
import type { SavedFunction } from '../model/library.ts';
import type { Column } from '../model/table-schema.ts';
import type { Visualization } from '../model/visualization.ts';

/** What goes to a compiling thread. Ids are unique per thread. */
export interface CompileJob {
  readonly id: number;
  readonly text: string;
  readonly options: CompileOptions;
  /** Set: check this function instead of compiling. */
  readonly define?: SavedFunction;
  /** Set: print this stage for a reader instead of compiling. */
  readonly explain?: ExplainStage;
}

export interface RefusedReply {
  readonly ok: false;
  readonly diagnostics: readonly Diagnostic[];
}

export interface CompiledText {
  readonly name: string | undefined;
  readonly statementText: string;
  readonly columns: readonly Column[];
  readonly visualization: Visualization | undefined;
}

/** A stage with its statements as text. */
export interface StageText extends Omit<Stage, 'inputs'> {
  readonly inputs: readonly { readonly statementText: string; readonly columns: readonly Column[] }[];
}

/** What comes back: statements travel as text, for a fragment's brand does not survive a thread's border. */
export type CompileReply =
  | { readonly id: number; readonly kind: 'refused'; readonly diagnostics: readonly Diagnostic[] }
  | { readonly id: number; readonly kind: 'defined'; readonly calls: readonly string[] }
  | { readonly id: number; readonly kind: 'explained'; readonly text: string }
  | {
      readonly id: number;
      readonly kind: 'compiled';
      /** At least one. */
      readonly results: readonly CompiledText[];
      readonly warnings: readonly string[];
    }
  | { readonly id: number; readonly kind: 'staged'; readonly stages: readonly StageText[] }
  /** The compiler threw: a bug of ours, or a query so deep that the stack ended. */
  | { readonly id: number; readonly kind: 'failed'; readonly overflow: boolean; readonly detail: string };
