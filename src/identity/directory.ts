import { randomUUID } from 'node:crypto';
import type { Clock } from '../model/clock.ts';
import { RequestError } from '../model/request-error.ts';
import {
  type Application,
  deleteApplication,
  findApplication,
  insertApplication,
} from '../store/applications.ts';
import { insertSecret, secretsOf } from '../store/secrets.ts';
import type { Store } from '../store/store.ts';
import { findTenant, insertTenant, listTenants, type Tenant } from '../store/tenants.ts';
import { hashSecret, makeClientSecret, secretMatches } from './client-secret.ts';
import { isRole, ROLES } from './roles.ts';

export type { Application } from '../store/applications.ts';
export type { Tenant } from '../store/tenants.ts';

export interface NewTenant {
  /** A GUID in any case; made when missing. */
  readonly id?: string | undefined;
  readonly name?: string | undefined;
  readonly domain?: string | undefined;
}

export interface NewApplication {
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

export type SecretCheck = 'valid' | 'expired' | 'wrong';

/** Tenants and applications. Ids and domains are taken in any case. */
export interface Directory {
  tenant(idOrDomain: string): Promise<Tenant | undefined>;
  tenants(): Promise<Tenant[]>;
  /**
   * Makes the tenant unless its id is there already. Throws `InvalidInput` (400), and `Conflict` (409) when the domain
   * belongs to another tenant.
   */
  createTenant(tenant: NewTenant): Promise<Tenant & { readonly created: boolean }>;
  application(tenant: string, clientId: string): Promise<Application | undefined>;
  /** Throws `InvalidInput` (400) for an unknown role, `ResourceNotFound` (404) for an unknown tenant. */
  createApplication(app: NewApplication): Promise<CreatedApplication>;
  deleteApplication(tenant: string, clientId: string): Promise<boolean>;
  checkSecret(app: Application, secret: string): Promise<SecretCheck>;
}

const GUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const DOMAIN = /^(?=.{1,253}$)[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)+$/;
const MAX_NAME_CHARS = 256;

export function createDirectory({ db }: Store, clock: Clock): Directory {
  const now = () => new Date(clock.nowMs());

  async function tenant(idOrDomain: string): Promise<Tenant | undefined> {
    return findTenant(db, idOrDomain.toLowerCase());
  }

  async function application(tenantId: string, clientId: string): Promise<Application | undefined> {
    return findApplication(db, tenantId.toLowerCase(), clientId.toLowerCase());
  }

  return {
    tenant,
    application,
    tenants: () => listTenants(db),
    async createTenant(wanted) {
      const id = wanted.id?.toLowerCase() ?? randomUUID();
      if (!GUID.test(id)) throw invalid('a tenant id is a GUID');
      const domain = wanted.domain?.toLowerCase();
      if (domain !== undefined && !DOMAIN.test(domain)) throw invalid('a tenant domain is a DNS name');
      const name = checkedName(wanted.name ?? domain ?? id);
      const created = await insertTenant(db, { id, name, domain }, now());
      const stored = await findTenant(db, id);
      if (stored === undefined) {
        throw new RequestError('Conflict', 409, `domain \`${domain}\` belongs to another tenant`);
      }
      return { ...stored, created };
    },
    async createApplication(wanted) {
      const owner = await tenant(wanted.tenant);
      if (owner === undefined)
        throw new RequestError('ResourceNotFound', 404, 'Resource tenant was not found');
      const unknown = wanted.roles.find((role) => !isRole(role));
      if (unknown !== undefined) {
        throw invalid(`role ${JSON.stringify(unknown)} is not one of ${Object.keys(ROLES).join(', ')}`);
      }
      const roles = [...new Set(wanted.roles)];
      const id = randomUUID();
      const clientSecret = makeClientSecret();
      const app = { id, tenant: owner.id, objectId: randomUUID(), name: checkedName(wanted.name), roles };
      await db.transaction().execute(async (tx) => {
        await insertApplication(tx, app, now());
        await insertSecret(tx, id, hashSecret(clientSecret, undefined), now());
      });
      return { clientId: id, clientSecret, tenant: owner.id, roles };
    },
    deleteApplication: (tenantId, clientId) =>
      deleteApplication(db, tenantId.toLowerCase(), clientId.toLowerCase()),
    async checkSecret(app, secret) {
      let result: SecretCheck = 'wrong';
      for (const stored of await secretsOf(db, app.id)) {
        if (!secretMatches(secret, stored)) continue;
        const expired = stored.expiresAt !== undefined && stored.expiresAt.getTime() <= clock.nowMs();
        if (!expired) return 'valid';
        result = 'expired';
      }
      return result;
    },
  };
}

function checkedName(name: string): string {
  if (name.trim() === '' || name.length > MAX_NAME_CHARS) {
    throw invalid(`a name has 1 to ${MAX_NAME_CHARS} characters`);
  }
  return name;
}

function invalid(what: string): RequestError {
  return new RequestError('InvalidInput', 400, `Invalid input: ${what}`);
}
