import { type Html, html } from './html.ts';
import { page, sendOnScript } from './layout.ts';

export function messagePage(title: string, text: string): string {
  return page(title, html`<p>${text}</p>`);
}

export interface ErrorPage {
  readonly title: string;
  readonly message: string;
  /** Name and value, for whoever is asked for help. */
  readonly details: readonly (readonly [string, string])[];
}

export function errorPage({ title, message, details }: ErrorPage): string {
  return page(
    title,
    html`<p role="alert">${message}</p>
<dl>${details.map(([name, value]) => html`<dt>${name}</dt><dd>${value}</dd>`)}</dl>`,
  );
}

/** The answer to a client as a form, which sends itself on; without script the user does. */
export function formPostPage(action: string, fields: Readonly<Record<string, string>>): string {
  return page(
    'Almost done',
    html`<p>On the way to the application.</p>
<form method="post" action="${action}">
${hidden(fields)}
<noscript><div class="actions"><button autofocus>Continue</button></div></noscript>
</form>
${sendOnScript}`,
  );
}

export function signOutPage(action: string, csrf: string, upn: string): string {
  return page(
    'Sign out',
    html`<p>You are signed in as <span class="who">${upn}</span>.</p>
<form method="post" action="${action}">
${hidden({ csrf })}
<div class="actions"><button>Sign out</button></div>
</form>`,
  );
}

function hidden(fields: Readonly<Record<string, string>>): readonly Html[] {
  return Object.entries(fields).map(
    ([name, value]) => html`<input type="hidden" name="${name}" value="${value}">`,
  );
}
