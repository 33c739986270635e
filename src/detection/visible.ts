import type { DeviceRule, DeviceScope } from '../model/device-scope.ts';

/** The device of a detection or alert, as far as it is known. */
export interface SeenDevice {
  /** '' where it is about no device. */
  readonly id: string;
  readonly name: string;
  /** '' where it is not known. */
  readonly osPlatform: string;
  /** Undefined where they are not known. */
  readonly tags?: readonly string[] | undefined;
}

export type Sees = (device: SeenDevice) => boolean;

/**
 * Whether somebody with this scope sees what is about a device. What is about none is seen by all. A list of devices is
 * exact; groups alone are judged by what the record tells of its device, and what that leaves open is not seen.
 */
export function seesDevices(scope: DeviceScope | undefined): Sees {
  if (scope === undefined) return () => true;
  if (scope.kind === 'devices') {
    const ids = new Set(scope.ids);
    return ({ id }) => id === '' || ids.has(id) === (scope.which === 'only');
  }
  return (device) => {
    if (device.id === '') return true;
    for (const { rules, visible } of scope.groups) {
      const held = rules.map((rule) => holds(rule, device));
      if (held.includes(false)) continue;
      // One that may take the device ends the search; only one that surely does can show it.
      return visible && !held.includes(undefined);
    }
    return false;
  };
}

/** Undefined: the record does not tell. */
export function holds({ property, operator, value }: DeviceRule, device: SeenDevice): boolean | undefined {
  const wanted = value.toLowerCase();
  if (property === 'tag') {
    return device.tags?.some((tag) => compares(operator, tag.toLowerCase(), wanted));
  }
  const dot = device.name.indexOf('.');
  const text = {
    name: device.name,
    domain: dot === -1 ? '' : device.name.slice(dot + 1),
    os: device.osPlatform,
  }[property].toLowerCase();
  if (property === 'os' && text === '') return undefined;
  return compares(operator, text, wanted);
}

function compares(operator: DeviceRule['operator'], text: string, wanted: string): boolean {
  switch (operator) {
    case 'equals':
      return text === wanted;
    case 'startsWith':
      return text.startsWith(wanted);
    case 'endsWith':
      return text.endsWith(wanted);
    case 'contains':
      return text.includes(wanted);
  }
}
