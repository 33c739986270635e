import { html } from './html.ts';
import { alert, page } from './layout.ts';

export interface SignInPage {
  /** Where the form goes. */
  readonly action: string;
  readonly csrf: string;
  readonly upn: string;
  /** The application that asks; undefined where it is a page of ours. */
  readonly appName: string | undefined;
  readonly problem: string | undefined;
}

/** Name and password at once: a page of its own for the name would tell which names there are. */
export function signInPage({ action, csrf, upn, appName, problem }: SignInPage): string {
  return page(
    'Sign in',
    html`${appName === undefined ? html`` : html`<p class="soft">to continue to <span class="who">${appName}</span></p>`}
${alert(problem)}
<form method="post" action="${action}">
<input type="hidden" name="csrf" value="${csrf}">
<label for="username">Sign-in name</label>
<input id="username" name="username" type="email" autocomplete="username" placeholder="name@example.org" required maxlength="320" value="${upn}"${upn === '' ? html` autofocus` : ''}>
<label for="password">Password</label>
<input id="password" name="password" type="password" autocomplete="current-password" required maxlength="1024"${upn === '' ? '' : html` autofocus`}>
<div class="actions"><button>Sign in</button></div>
</form>`,
  );
}

export interface AccountPage {
  readonly upn: string;
  readonly continueUrl: string;
  readonly otherUrl: string;
}

export function accountPage({ upn, continueUrl, otherUrl }: AccountPage): string {
  return page(
    'Pick an account',
    html`<p>You are signed in as <span class="who">${upn}</span>.</p>
<div class="actions">
<a class="button" href="${continueUrl}">Continue</a>
<a class="button second" href="${otherUrl}">Use another account</a>
</div>`,
  );
}
