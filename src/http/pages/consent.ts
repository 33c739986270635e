import { type Html, html } from './html.ts';
import { alert, page } from './layout.ts';

export interface ConsentPage {
  readonly action: string;
  readonly csrf: string;
  readonly upn: string;
  readonly appName: string;
  /** Where the answer goes, for people to recognise. */
  readonly destination: string;
  readonly allows: readonly string[];
  /** Offer to agree for everyone. */
  readonly isAdministrator: boolean;
  /** Application permissions that the tenant gives, on the page for administrators. */
  readonly roles: readonly string[];
  /** The page for administrators, who agree for everyone or not at all. */
  readonly isForEveryone: boolean;
  readonly problem?: string | undefined;
}

export function consentPage(consent: ConsentPage): string {
  const { action, csrf, upn, appName, destination, allows, isForEveryone } = consent;
  const whole = isForEveryone ? 'Permissions for your organization' : 'Permissions requested';
  return page(
    whole,
    html`<p><span class="who">${appName}</span> asks for permission${isForEveryone ? ' on behalf of everyone' : ''}. You are <span class="who">${upn}</span>.</p>
${alert(consent.problem)}
${list('It will be able to:', allows)}
${list('Without a user it will be able to:', consent.roles)}
<p class="soft">The answer goes to <span class="who">${destination}</span>. Agree only if you know this application.</p>
<form method="post" action="${action}">
<input type="hidden" name="csrf" value="${csrf}">
${
  consent.isAdministrator && !isForEveryone
    ? html`<label class="choice"><input type="checkbox" name="everyone" value="yes"> Agree on behalf of everyone in the organization</label>`
    : ''
}
<div class="actions">
<button name="answer" value="accept">Accept</button>
<button class="second" name="answer" value="cancel" formnovalidate>Cancel</button>
</div>
</form>`,
  );
}

function list(title: string, entries: readonly string[]): Html {
  if (entries.length === 0) return html``;
  return html`<p>${title}</p><ul>${entries.map((entry) => html`<li>${entry}</li>`)}</ul>`;
}
