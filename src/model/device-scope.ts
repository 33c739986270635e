/** One condition on a device. Compared without regard to case; a tag rule holds when it holds for any of the tags. */
export interface DeviceRule {
  /** `name`: the device's whole name; `domain`: the name after its first dot; `os`: the platform, such as `Windows11`. */
  readonly property: 'name' | 'domain' | 'tag' | 'os';
  readonly operator: 'equals' | 'startsWith' | 'endsWith' | 'contains';
  readonly value: string;
}

/** A group of devices, and whether the user sees them. */
export interface RankedGroup {
  /** All must hold; no rule takes every device. */
  readonly rules: readonly DeviceRule[];
  readonly visible: boolean;
}

/**
 * Which devices a user sees: a device belongs to the first group that takes it, by its latest report, and is seen if that
 * group is. What no group takes is not seen.
 */
export interface GroupScope {
  readonly kind: 'groups';
  /** Highest rank first. */
  readonly groups: readonly RankedGroup[];
}

/** The same, looked up before: only these devices, or all but these. */
export interface DeviceListScope {
  readonly kind: 'devices';
  readonly which: 'only' | 'except';
  readonly ids: readonly string[];
}

export type DeviceScope = GroupScope | DeviceListScope;
