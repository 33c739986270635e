/**
 * DATA: the roles of people, what each allows, and the directory's role template that tokens name for it (`wids`).
 * Source: https://learn.microsoft.com/defender-endpoint/user-roles and
 * https://learn.microsoft.com/entra/identity/role-based-access-control/permissions-reference
 */
export const USER_ROLES = {
  'view-data': { allows: 'see events, alerts and devices', wid: '5d6b6bb7-de71-4623-b4af-96380a352509' },
  'manage-alerts': {
    allows: 'change alerts and incidents',
    wid: '5f2222b1-57c3-48ba-8ad5-d4759f1fde6f',
  },
  administrator: {
    allows: 'all of it, on every device, and consent for the whole tenant',
    wid: '194ae4cb-b126-40b2-bd5b-6091b380977d',
  },
} as const satisfies Readonly<Record<string, { readonly allows: string; readonly wid: string }>>;

export type UserRole = keyof typeof USER_ROLES;

/** An administrator holds every role. */
export function hasUserRole(roles: readonly string[], role: UserRole): boolean {
  return roles.includes(role) || roles.includes('administrator');
}

/** The directory's role templates, for `wids`. */
export function roleTemplates(roles: readonly string[]): readonly string[] {
  return Object.entries(USER_ROLES)
    .filter(([role]) => roles.includes(role))
    .map(([, { wid }]) => wid);
}
