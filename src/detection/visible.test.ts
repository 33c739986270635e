import { describe, expect, it } from 'vitest';
import type { DeviceRule } from '../model/device-scope.ts';
import { seesDevices } from './visible.ts';

const device = (id: string, name = `${id}.example.org`) => ({ id, name, osPlatform: '' });
const rule = (property: DeviceRule['property'], value: string): DeviceRule => ({
  property,
  operator: 'startsWith',
  value,
});

describe('what a user sees', () => {
  it('is all without a scope, and always what is about no device', () => {
    expect(seesDevices(undefined)(device('a'))).toBe(true);
    expect(seesDevices({ kind: 'devices', which: 'only', ids: [] })(device('', ''))).toBe(true);
  });

  it('is a list, or all but a list', () => {
    const only = seesDevices({ kind: 'devices', which: 'only', ids: ['a'] });
    expect([only(device('a')), only(device('b'))]).toEqual([true, false]);
    const except = seesDevices({ kind: 'devices', which: 'except', ids: ['a'] });
    expect([except(device('a')), except(device('b'))]).toEqual([false, true]);
  });

  it('goes by the first group that takes the device; what is not known is not seen', () => {
    const sees = seesDevices({
      kind: 'groups',
      groups: [
        { rules: [rule('name', 'secret')], visible: false },
        { rules: [rule('tag', 'vip'), rule('name', 'v')], visible: true },
        { rules: [rule('domain', 'example')], visible: true },
      ],
    });
    expect(sees(device('x', 'secret-1.example.org'))).toBe(false);
    expect(sees(device('x', 'v1.example.org'))).toBe(false);
    expect(sees(device('x', 'lab.example.org'))).toBe(true);
    expect(sees(device('x', 'lab.other.org'))).toBe(false);
  });
});
