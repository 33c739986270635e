import * as compiler from '../../src/kql/index.ts';

export type { Compiled, CompileOptions, ExplainStage, Refused } from '../../src/kql/index.ts';

/** The compiler's face, as these suites use it. */
export type Compiler = Pick<typeof compiler, 'compile' | 'explain'>;

export async function loadCompiler(): Promise<Compiler> {
  return compiler;
}
