import { createHash } from 'node:crypto';
import { type Html, html } from './html.ts';

const STYLE = `
:root{color-scheme:light dark;--page:#eef1f5;--card:#fff;--text:#1b2430;--soft:#566272;--line:#c3cbd6;--accent:#1f5fa8;--on-accent:#fff;--bad:#a8201f;--bad-page:#fdecec}
@media (prefers-color-scheme:dark){:root{--page:#11161d;--card:#1a212b;--text:#e8edf3;--soft:#a3afbe;--line:#3b4756;--accent:#7db4f5;--on-accent:#0c1622;--bad:#ff9d98;--bad-page:#3a1d1f}}
*{box-sizing:border-box}
body{margin:0;min-height:100vh;display:flex;flex-direction:column;align-items:center;justify-content:center;padding:1.5rem 1rem;background:var(--page);color:var(--text);font:1rem/1.5 system-ui,sans-serif}
main{width:100%;max-width:27rem;background:var(--card);border:1px solid var(--line);border-radius:.75rem;padding:2rem}
.brand{margin:0 0 1.25rem;font-weight:600;letter-spacing:.02em;color:var(--soft)}
h1{margin:0 0 .5rem;font-size:1.5rem;line-height:1.25}
p{margin:.5rem 0 1rem}
.soft{color:var(--soft)}
.who{overflow-wrap:anywhere;font-weight:600}
label{display:block;margin:1rem 0 .25rem;font-weight:600}
label.choice{display:flex;gap:.6rem;align-items:flex-start;font-weight:400}
input[type=text],input[type=password],input[type=email]{width:100%;padding:.65rem .75rem;font:inherit;color:inherit;background:transparent;border:1px solid var(--soft);border-radius:.4rem}
input.code{font-family:ui-monospace,monospace;font-size:1.3rem;letter-spacing:.2em;text-transform:uppercase}
ul{margin:.5rem 0 1rem;padding-left:1.2rem}
.actions{display:flex;flex-wrap:wrap;gap:.75rem;margin-top:1.5rem}
button,.button{flex:1 1 8rem;padding:.65rem 1rem;font:inherit;font-weight:600;text-align:center;text-decoration:none;border-radius:.4rem;border:1px solid var(--accent);background:var(--accent);color:var(--on-accent);cursor:pointer}
button.second,.button.second{background:transparent;color:var(--accent)}
:focus-visible{outline:3px solid var(--accent);outline-offset:2px}
.alert{margin:1rem 0;padding:.65rem .75rem;border-left:4px solid var(--bad);background:var(--bad-page);color:var(--text);border-radius:.25rem}
dl{display:grid;grid-template-columns:auto 1fr;gap:.25rem 1rem;margin:1rem 0;font-size:.875rem}
dt{color:var(--soft)}dd{margin:0;overflow-wrap:anywhere}
@media (max-width:30rem){body{justify-content:flex-start;padding:0;background:var(--card)}main{border:0;border-radius:0;padding:1.5rem 1.25rem}}
`;

const STYLE_HASH = createHash('sha256').update(STYLE).digest('base64');

/** A whole page: no script, one style sheet of its own, nothing fetched from anywhere. */
export function page(title: string, content: Html): string {
  const style: Html = { kind: 'html', text: STYLE };
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>${title} · Spoor</title>
<style>${style}</style>
</head>
<body>
<main>
<p class="brand">Spoor</p>
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
 * What a browser may do with a page: style it, and send its form to us or, since some browsers hold redirects to the
 * same rule, on to the client.
 */
export function contentSecurityPolicy(formTargets: readonly string[]): string {
  return [
    "default-src 'none'",
    `style-src 'sha256-${STYLE_HASH}'`,
    `form-action ${["'self'", ...formTargets].join(' ')}`,
    "frame-ancestors 'none'",
    "base-uri 'none'",
  ].join('; ');
}
