import { html } from './html.ts';
import { alert, page } from './layout.ts';

export interface CodePage {
  readonly action: string;
  readonly csrf: string;
  readonly code: string;
  readonly problem: string | undefined;
}

export function deviceCodePage({ action, csrf, code, problem }: CodePage): string {
  return page(
    'Enter the code',
    html`<p class="soft">Type the code that your application or device shows.</p>
${alert(problem)}
<form method="post" action="${action}">
<input type="hidden" name="csrf" value="${csrf}">
<label for="code">Code</label>
<input class="code" id="code" name="code" type="text" autocomplete="off" autocapitalize="characters" spellcheck="false" required maxlength="20" value="${code}" autofocus>
<div class="actions"><button>Next</button></div>
</form>`,
  );
}

export interface DevicePage {
  readonly action: string;
  readonly csrf: string;
  readonly code: string;
  readonly upn: string;
  readonly appName: string;
  readonly allows: readonly string[];
}

/** The last question names the application: a code can be another person's, sent in a message. */
export function deviceConfirmPage({ action, csrf, code, upn, appName, allows }: DevicePage): string {
  return page(
    `Are you signing in to ${appName}?`,
    html`<p>You are <span class="who">${upn}</span>. Continue only if you started this yourself, on a device of yours. Nobody who sends you a code needs your answer here.</p>
${allows.length === 0 ? '' : html`<p>It will be able to:</p><ul>${allows.map((entry) => html`<li>${entry}</li>`)}</ul>`}
<form method="post" action="${action}">
<input type="hidden" name="csrf" value="${csrf}">
<input type="hidden" name="code" value="${code}">
<div class="actions">
<button name="answer" value="accept">Continue</button>
<button class="second" name="answer" value="cancel">Cancel</button>
</div>
</form>`,
  );
}
