/** What was found for an address that `externaldata` names. */
export interface LocalFile {
  readonly url: string;
  readonly path: string;
}
