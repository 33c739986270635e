import {
  type FieldReader,
  flagField,
  listField,
  needed,
  numberField,
  oneOfField,
  readFields,
  textField,
  timeField,
} from '../../model/fields.ts';
import { type DeviceGroupRule, RULE_OPERATORS, RULE_PROPERTIES } from '../directory/device-groups.ts';
import type { RedirectUri } from '../directory/redirect-uris.ts';
import type { Api } from '../scopes.ts';

/** DATA: what an administrator can write of each kind of entry, over HTTP and in a file alike. */

const redirectUri: FieldReader<RedirectUri> = (value, where) => {
  if (typeof value === 'string') return { uri: value, kind: 'web' };
  const { uri, kind } = readFields(value, { uri: textField, kind: oneOfField('web', 'public') }, where);
  return { uri: needed(uri, 'uri', where), kind: kind ?? 'web' };
};

const deviceRule: FieldReader<DeviceGroupRule> = (value, where) => {
  const shape = {
    property: oneOfField(...RULE_PROPERTIES),
    operator: oneOfField(...RULE_OPERATORS),
    value: textField,
  };
  const rule = readFields(value, shape, where);
  return {
    property: needed(rule.property, 'property', where),
    operator: needed(rule.operator, 'operator', where),
    value: needed(rule.value, 'value', where),
  };
};

export const APPLICATION_FIELDS = {
  name: textField,
  roles: listField(textField),
  scopes: listField(textField),
  redirectUris: listField(redirectUri),
  isPublic: flagField,
  isMultiTenant: flagField,
  logoutUrl: textField,
};

export const USER_FIELDS = {
  name: textField,
  givenName: textField,
  familyName: textField,
  roles: listField(textField),
  enabled: flagField,
};

export const GROUP_FIELDS = {
  name: textField,
  rank: numberField,
  rules: listField(deviceRule),
  users: listField(textField),
};

export const SECRET_FIELDS = { name: textField, expiresAt: timeField };

const APIS: readonly Api[] = ['defender', 'siem', 'graph', 'kusto', 'spoor'];

export const CONSENT_FIELDS = {
  /** Sign-in name; missing: the whole tenant. */
  user: textField,
  api: oneOfField(...APIS),
  scopes: listField(textField),
};
