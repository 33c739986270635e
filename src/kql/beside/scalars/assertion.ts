import { ProgramFault, type ScalarProgram } from '../contract.ts';

export const assertionPrograms: Readonly<Record<string, ScalarProgram>> = {
  assert: {
    summary: 'True for a condition that holds; the query fails with the message for one that does not.',
    page: 'assert-function',
    params: ['bool', 'string'],
    compute: ([condition, message]) => {
      if (condition !== true) throw new ProgramFault(String(message));
      return true;
    },
  },
};
