import type { Migration } from 'kysely';
import { directory } from './0001-directory.ts';
import { ingest } from './0002-ingest.ts';
import { identity } from './0003-identity.ts';
import { detections } from './0004-detections.ts';
import { quotas } from './0005-quotas.ts';
import { library } from './0006-library.ts';
import { tenantSettings } from './0007-tenant-settings.ts';

/**
 * Every migration, by name in the order of application; each runs once, in a transaction. A published one is never
 * edited or renamed: add the next.
 */
export const MIGRATIONS: Readonly<Record<string, Migration>> = {
  '0001-directory': directory,
  '0002-ingest': ingest,
  '0003-identity': identity,
  '0004-detections': detections,
  '0005-quotas': quotas,
  '0006-library': library,
  '0007-tenant-settings': tenantSettings,
};
