/** What an administrator decides about sign-in by settings. */
export interface IdentityPolicy {
  /** Take the resource owner password grant, by which a client gets to see the password. */
  readonly passwordGrant: boolean;
  /** Take PKCE with the method `plain`, in which the challenge is the verifier. */
  readonly plainPkce: boolean;
  /** Let users agree for themselves to what an application asks; else an administrator must. */
  readonly userConsent: boolean;
  /** May a client assertion be used again before it ends: never, or from the address that used it first. */
  readonly assertionReuse: 'never' | 'same-address';
}

export const DEFAULT_POLICY: IdentityPolicy = {
  passwordGrant: false,
  plainPkce: false,
  userConsent: true,
  assertionReuse: 'same-address',
};
