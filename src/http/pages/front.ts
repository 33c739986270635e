import { html } from './html.ts';
import { page } from './layout.ts';

/** Says what answers here, and where people go. */
export function frontPage(devicePath: string): string {
  return page(
    'A hunting server',
    html`<p>This server answers hunting queries in KQL, at <code>POST /api/advancedhunting/run</code> and by other APIs.</p>
<ul>
<li><a href="/spoor/openapi.json">What it answers</a>, as an OpenAPI document</li>
<li><a href="${devicePath}">Sign a device in</a> by the code that it shows</li>
</ul>`,
  );
}
