import type { Operation } from './operations.ts';

/** No permission of a token opens these: the command line's key does. */
const ADMIN = { roles: [] } as const;

/** DATA: routes of administration whose bodies are told, by method and path as the routes have them. */
export const ADMIN_OPERATIONS: Readonly<Record<string, Operation>> = {
  'GET /spoor/admin/functions': { ...ADMIN, summary: 'List the saved functions', answer: 'SavedFunctions' },
  'PUT /spoor/admin/functions/:name': {
    ...ADMIN,
    summary: 'Save a function',
    body: 'FunctionText',
    answer: 'SavedFunction',
  },
  'DELETE /spoor/admin/functions/:name': { ...ADMIN, summary: 'Delete a saved function' },
  'GET /spoor/admin/watchlists': { ...ADMIN, summary: 'List the watchlists', answer: 'Watchlists' },
  'PUT /spoor/admin/watchlists/:name': {
    ...ADMIN,
    summary: 'Load a watchlist: CSV whose first line names the columns',
    query: {
      name: { description: 'a name for people; the alias without it' },
      searchKey: { description: 'the column that `SearchKey` repeats; the first without it' },
    },
    body: 'Csv',
    bodyType: 'text/csv',
    answer: 'Watchlist',
  },
  'DELETE /spoor/admin/watchlists/:name': { ...ADMIN, summary: 'Delete a watchlist' },
  'GET /spoor/admin/tenants/:id/limits': {
    ...ADMIN,
    summary: 'Tell the limits of a tenant, and what it has used of them',
    answer: 'TenantStanding',
  },
  'PUT /spoor/admin/tenants/:id/limits': {
    ...ADMIN,
    summary: 'Give a tenant limits of its own, in place of those it had',
    body: 'TenantLimits',
    answer: 'TenantStanding',
  },
  'DELETE /spoor/admin/tenants/:id/limits': { ...ADMIN, summary: "Give a tenant the server's limits again" },
  'GET /spoor/admin/issuers': {
    ...ADMIN,
    summary: 'List the outside issuers whose tokens open the tenant',
    answer: 'TrustedIssuers',
  },
  'PUT /spoor/admin/issuers': {
    ...ADMIN,
    summary: 'Trust an outside issuer, or change how',
    body: 'TrustedIssuer',
    answer: 'TrustedIssuer',
  },
  'DELETE /spoor/admin/issuers': {
    ...ADMIN,
    summary: 'Trust an outside issuer no longer',
    query: { issuer: { description: 'the `iss` of its tokens', required: true } },
  },
};
