import { OWN_URL_OPENS, RESOURCES } from './resources.ts';
import {
  ALERTS,
  HUNT,
  HUNT_ANYWHERE,
  HUNT_ENDPOINT,
  HUNT_GRAPH,
  INCIDENTS,
  INGEST,
  type Permission,
  ROLES,
  RULES,
  WRITE_DETECTIONS,
} from './roles.ts';

/** DATA: what calls need; any one of the permissions is enough. */
const CALLS: readonly (readonly [call: string, permissions: readonly Permission[]])[] = [
  ['`POST /api/advancedhunting/run`', [HUNT]],
  ['`/api/advancedqueries`', [HUNT_ENDPOINT]],
  ['`/v1.0/security/runHuntingQuery` and its like', [HUNT_GRAPH]],
  ['`/v1/rest`, `/v2/rest`, `/spoor/quota`', HUNT_ANYWHERE],
  ['`POST /api/ingest/...`', [INGEST]],
  ['`POST /api/detections`', [WRITE_DETECTIONS]],
  ['`GET /api/alerts`, the SIEM pull too', ALERTS.read],
  ['what changes or makes alerts there', ALERTS.write],
  ['`GET /api/incidents`', INCIDENTS.read],
  ['`PATCH /api/incidents/...`', INCIDENTS.write],
  ['`GET` of `/spoor/rules`, `/v1.0/security/rules/detectionRules` and its like', RULES.read],
  ['what makes, changes, runs or removes them', RULES.write],
];

/** docs/audiences.md, printed from the data. */
export function audiencesPage(): string {
  const opens = (families: readonly string[]) => families.join(', ');
  return [
    '# Audiences and roles',
    '',
    'Printed from `src/identity/resources.ts` and `src/identity/roles.ts`.',
    '',
    'A client asks for a token for one of these resources: `resource=<URI>` at `/{tenant}/oauth2/token`, or',
    '`scope=<URI>/.default` at `/{tenant}/oauth2/v2.0/token`. Case and a trailing slash do not matter. The token opens',
    'the APIs of its row and no other; any other resource is refused with AADSTS500011.',
    '',
    '| resource | opens | what it is |',
    '| --- | --- | --- |',
    `| the server's own URL, with its port or without | ${opens(OWN_URL_OPENS)} | clients derive it from the URL they are given |`,
    ...RESOURCES.map(({ uri, opens: families, note }) => `| \`${uri}\` | ${opens(families)} | ${note} |`),
    '',
    'Asked for by application id at the v2.0 endpoint, a token has the claims of version 2.0; all others have those of 1.0.',
    `The issuer is always the server's public URL: \`URL/{tenant}/\`, or \`URL/{tenant}/v2.0\` in version 2.0.`,
    '',
    '## Roles',
    '',
    'An application is given roles when it is made; each of its tokens carries all of them.',
    '',
    '| role | allows to |',
    '| --- | --- |',
    ...Object.entries(ROLES).map(([role, allows]) => `| \`${role}\` | ${allows} |`),
    '',
    '| call | needs the role | or, of a user, the scope |',
    '| --- | --- | --- |',
    ...CALLS.map(
      ([call, permissions]) =>
        `| ${call} | ${permissions.map(({ role }) => `\`${role}\``).join(' or ')} | ` +
        `${permissions.flatMap(({ scope }) => (scope === undefined ? [] : [`\`${scope}\``])).join(' or ')} |`,
    ),
    '',
  ].join('\n');
}
