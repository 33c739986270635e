import type { ScalarProgram } from '../contract.ts';
import { addressPrograms } from './addresses.ts';
import { assertionPrograms } from './assertion.ts';
import { compressionPrograms } from './compression.ts';
import { fitPrograms } from './fits.ts';
import { fourierPrograms } from './fourier.ts';
import { geoPrograms } from './geo/programs.ts';
import { punycodePrograms } from './punycode.ts';
import { withReals } from './reals.ts';
import { timeZonePrograms } from './time-zones.ts';
import { userAgentPrograms } from './user-agents.ts';
import { schemaPrograms } from './value-schema.ts';

/** Scalar functions that the engine cannot compute, by name: they run in a worker beside it. */
export const SCALARS: Readonly<Record<string, ScalarProgram>> = {
  ...addressPrograms,
  ...assertionPrograms,
  ...compressionPrograms,
  ...withReals({ ...fitPrograms, ...fourierPrograms, ...geoPrograms }),
  ...punycodePrograms,
  ...schemaPrograms,
  ...timeZonePrograms,
  ...userAgentPrograms,
};
