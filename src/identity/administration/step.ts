import type { DirectoryParts } from '../directory/parts.ts';
import { existingTenant, type Tenant } from '../directory/tenants.ts';

/** One thing that applying a document does. */
export interface Step {
  readonly action: 'create' | 'change' | 'remove';
  readonly kind:
    | 'tenant'
    | 'domain'
    | 'application'
    | 'secret'
    | 'certificate'
    | 'consent'
    | 'user'
    | 'group'
    | 'members'
    | 'limits'
    | 'issuer';
  /** What people call it. */
  readonly name: string;
  /** What changes, a line each: `roles: none -> view-data`. */
  readonly changes: readonly string[];
  run(parts: DirectoryParts): Promise<Made | undefined>;
}

/** What a step made that has to be told: what is shown this once, and the id that a new application was given. */
export interface Made {
  readonly kind: 'secret' | 'password' | 'clientId';
  readonly of: string;
  readonly value: string;
}

/** A tenant that an earlier step may have to make first. */
export interface PlannedTenant {
  /** As it is now. */
  readonly now: Tenant | undefined;
  readonly label: string;
  /** When the steps before have run. */
  made(parts: DirectoryParts): Promise<Tenant>;
}

export function plannedTenant(now: Tenant | undefined, label: string): PlannedTenant {
  return { now, label, made: (parts) => existingTenant(parts, now?.id ?? label) };
}

/** The settings that differ, each as a line. A setting that is not asked for does not. */
export function differences(
  now: Readonly<Record<string, unknown>>,
  wanted: Readonly<Record<string, unknown>>,
): readonly string[] {
  return Object.entries(wanted).flatMap(([name, value]) => {
    if (value === undefined || comparable(value) === comparable(now[name])) return [];
    return [`${name}: ${shown(now[name])} -> ${shown(value)}`];
  });
}

/** Lists of names are sets; the order of what is no text (rules, redirect URIs) counts. */
function comparable(value: unknown): string {
  const isNames = Array.isArray(value) && value.every((item) => typeof item === 'string');
  return JSON.stringify(isNames ? [...value].sort() : (value ?? ''));
}

function shown(value: unknown): string {
  if (value === undefined || value === '' || (Array.isArray(value) && value.length === 0)) return 'none';
  if (Array.isArray(value) && value.every((item) => typeof item === 'string')) return value.join(', ');
  return typeof value === 'string' ? value : JSON.stringify(value);
}
