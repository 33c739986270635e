import { createHash } from 'node:crypto';
import { type Html, html } from './html.ts';

const STYLE = `
:root{color-scheme:light dark;--page:#eef1f5;--card:#fff;--text:#1b2430;--soft:#566272;--line:#c3cbd6;--accent:#1f5fa8;--on-accent:#fff;--bad:#a8201f;--bad-page:#fdecec;--tint:#f4f6f9;--high:#a8201f;--medium:#8a5300;--low:#4a5a6a}
@media (prefers-color-scheme:dark){:root{--page:#11161d;--card:#1a212b;--text:#e8edf3;--soft:#a3afbe;--line:#3b4756;--accent:#7db4f5;--on-accent:#0c1622;--bad:#ff9d98;--bad-page:#3a1d1f;--tint:#202936;--high:#ff9d98;--medium:#f2c078;--low:#b6c3d1}}
*{box-sizing:border-box}
body{margin:0;min-height:100vh;display:flex;flex-direction:column;align-items:center;justify-content:center;padding:1.5rem 1rem;background:var(--page);color:var(--text);font:1rem/1.5 system-ui,sans-serif}
main{width:100%;max-width:27rem;background:var(--card);border:1px solid var(--line);border-radius:.75rem;padding:2rem}
main.wide{max-width:58rem}
header{display:flex;flex-wrap:wrap;gap:.25rem 1rem;justify-content:space-between;margin:0 0 1.25rem;color:var(--soft)}
header p{margin:0;overflow-wrap:anywhere}
.brand{font-weight:600;letter-spacing:.02em}
a{color:var(--accent)}
h1{margin:0 0 .5rem;font-size:1.5rem;line-height:1.25;overflow-wrap:anywhere}
h2{margin:1.75rem 0 .5rem;font-size:1.125rem}
h3{margin:0 0 .25rem;font-size:1rem}
p{margin:.5rem 0 1rem}
.soft{color:var(--soft)}
.who{overflow-wrap:anywhere;font-weight:600}
label{display:block;margin:1rem 0 .25rem;font-weight:600}
label.choice{display:flex;gap:.6rem;align-items:flex-start;font-weight:400}
input[type=text],input[type=password],input[type=email]{width:100%;padding:.65rem .75rem;font:inherit;color:inherit;background:transparent;border:1px solid var(--soft);border-radius:.4rem}
input.code{font-family:ui-monospace,monospace;font-size:1.3rem;letter-spacing:.2em;text-transform:uppercase}
ul{margin:.5rem 0 1rem;padding-left:1.2rem}
.actions{display:flex;flex-wrap:wrap;gap:.75rem;margin-top:1.5rem}
button,.button{flex:1 1 8rem;display:flex;align-items:center;justify-content:center;padding:.65rem 1rem;font:inherit;font-weight:600;text-align:center;text-decoration:none;border-radius:.4rem;border:1px solid var(--accent);background:var(--accent);color:var(--on-accent);cursor:pointer}
button.second,.button.second{background:transparent;color:var(--accent)}
:focus-visible{outline:3px solid var(--accent);outline-offset:2px}
.alert{margin:1rem 0;padding:.65rem .75rem;border-left:4px solid var(--bad);background:var(--bad-page);color:var(--text);border-radius:.25rem}
dl{display:grid;grid-template-columns:auto 1fr;gap:.25rem 1rem;margin:1rem 0;font-size:.875rem}
dt{color:var(--soft)}dd{margin:0;overflow-wrap:anywhere}
.level{display:inline-block;padding:0 .6rem;border:1px solid currentColor;border-radius:1rem;font-size:.875rem;font-weight:600;color:var(--low)}
.level.high{color:var(--high)}.level.medium{color:var(--medium)}
.cards{display:grid;align-items:start;grid-template-columns:repeat(auto-fill,minmax(min(100%,25rem),1fr));gap:.75rem;margin:.5rem 0 0;padding:0;list-style:none}
.cards>*{min-width:0;padding:.9rem 1rem;border:1px solid var(--line);border-radius:.5rem;background:var(--tint)}
.cards p{margin:.25rem 0 0}.cards dl{margin:.5rem 0 0}
@media (max-width:30rem){body{justify-content:flex-start;padding:0;background:var(--card)}main{border:0;border-radius:0;padding:1.5rem 1.25rem}}
`;

/** The one script of the pages: sends the answer to a client on, as a person does by the button without it. */
const SEND_ON = 'document.forms[0].submit()';

const STYLE_HASH = hashOf(STYLE);
const SEND_ON_HASH = hashOf(SEND_ON);

function hashOf(text: string): string {
  return createHash('sha256').update(text).digest('base64');
}

/** Stands behind a form that is sent on by itself. */
export const sendOnScript: Html = { kind: 'html', text: `<script>${SEND_ON}</script>` };

export interface PageOptions {
  /** For what is read, rather than answered. */
  readonly isWide?: boolean;
  /** Who is signed in, with the way out. */
  readonly user?: { readonly upn: string; readonly signOutUrl: string };
}

/** A whole page: one style sheet of its own, nothing fetched from anywhere but the icon. */
export function page(title: string, content: Html, { isWide = false, user }: PageOptions = {}): string {
  const style: Html = { kind: 'html', text: STYLE };
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>${title} · Spoor</title>
<link rel="icon" href="/favicon.ico">
<style>${style}</style>
</head>
<body>
<main${isWide && html` class="wide"`}>
<header><p class="brand">Spoor</p>${user && html`<p>${user.upn} · <a href="${user.signOutUrl}">Sign out</a></p>`}</header>
<h1>${title}</h1>
${content}
</main>
</body>
</html>
`.text;
}

/** An alert that is read out; nothing where there is nothing to say. */
export function alert(text: string | undefined): Html {
  return text === undefined ? html`` : html`<p class="alert" role="alert">${text}</p>`;
}

/**
 * What a browser may do with a page: style it, show its icon, and send its form to us or, since some browsers hold
 * redirects to the same rule, on to the client.
 */
export function contentSecurityPolicy(formTargets: readonly string[], isSentOn: boolean): string {
  return [
    "default-src 'none'",
    `style-src 'sha256-${STYLE_HASH}'`,
    ...(isSentOn ? [`script-src 'sha256-${SEND_ON_HASH}'`] : []),
    "img-src 'self'",
    `form-action ${["'self'", ...formTargets].join(' ')}`,
    "frame-ancestors 'none'",
    "base-uri 'none'",
  ].join('; ');
}
