import type { Clock } from '../model/clock.ts';
import type { Store } from '../store/store.ts';
import { listTenants } from '../store/tenants.ts';
import {
  type Application,
  applicationIn,
  registerWithSecret,
  removeApplication,
} from './directory/applications.ts';
import type { DirectoryParts } from './directory/parts.ts';
import { checkSecret, type SecretCheck } from './directory/secrets.ts';
import { createTenant, existingTenant, type NewTenant, type Tenant, tenantBy } from './directory/tenants.ts';

export type { Application } from './directory/applications.ts';
export type { SecretCheck } from './directory/secrets.ts';
export type { NewTenant, Tenant } from './directory/tenants.ts';

export interface NewClient {
  readonly tenant: string;
  readonly name: string;
  readonly roles: readonly string[];
}

export interface CreatedApplication {
  readonly clientId: string;
  /** Shown this once; only its hash is kept. */
  readonly clientSecret: string;
  readonly tenant: string;
  readonly roles: readonly string[];
}

/**
 * What other rooms ask of the directory most. The whole of it is in `directory/`, plain functions over `parts`. Ids
 * and domains are taken in any case.
 */
export interface Directory {
  readonly parts: DirectoryParts;
  tenant(idOrDomain: string): Promise<Tenant | undefined>;
  tenants(): Promise<Tenant[]>;
  /**
   * Makes the tenant unless its id is there already. Throws `InvalidInput` (400), and `Conflict` (409) when the domain
   * belongs to another tenant.
   */
  createTenant(tenant: NewTenant): Promise<Tenant & { readonly created: boolean }>;
  /** As the tenant sees it: its own, or one that it admitted. */
  application(tenant: string, clientId: string): Promise<Application | undefined>;
  /** One that keeps a secret. Throws `InvalidInput` (400) for an unknown role, `ResourceNotFound` (404) for an unknown tenant. */
  createApplication(app: NewClient): Promise<CreatedApplication>;
  deleteApplication(tenant: string, clientId: string): Promise<boolean>;
  checkSecret(app: Application, secret: string): Promise<SecretCheck>;
}

export function createDirectory(store: Store, clock: Clock): Directory {
  const parts: DirectoryParts = { store, clock };
  return {
    parts,
    tenant: (idOrDomain) => tenantBy(parts, idOrDomain),
    tenants: () => listTenants(store.db),
    createTenant: (wanted) => createTenant(parts, wanted),
    application: (tenant, clientId) => applicationIn(parts, tenant, clientId),
    async createApplication({ tenant, name, roles }) {
      const owner = await existingTenant(parts, tenant);
      const { app, secret } = await registerWithSecret(parts, owner, { name, roles });
      if (secret === undefined) throw new Error('a confidential application without a secret');
      return { clientId: app.id, clientSecret: secret, tenant: owner.id, roles: app.roles };
    },
    deleteApplication: (tenant, clientId) => removeApplication(parts, tenant, clientId),
    checkSecret: (app, secret) => checkSecret(parts, app, secret),
  };
}
