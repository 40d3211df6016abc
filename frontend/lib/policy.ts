/**
 * Gives a page a policy that lets nothing run but files of its own and the one script that starts its islands, which
 * is known by its nonce. Nothing else in a page has one: text is escaped, so nobody can write `<script` into it.
 */
export async function guardPage(response: Response): Promise<Response> {
  if (!response.headers.get("Content-Type")?.startsWith("text/html")) return response;
  const html = await response.text();
  const nonce = /<script type="module" nonce="([0-9a-f]+)">/.exec(html)?.[1];
  const headers = new Headers(response.headers);
  headers.set("Content-Security-Policy", policyWith(nonce));
  // With "no-referrer" browsers would hide the origin of forms, which is looked at.
  headers.set("Referrer-Policy", "same-origin");
  return new Response(html, { status: response.status, headers });
}

function policyWith(nonce: string | undefined): string {
  return [
    "default-src 'none'",
    `script-src 'self'${nonce === undefined ? "" : ` 'nonce-${nonce}'`}`,
    "style-src 'self'",
    "img-src 'self'",
    "connect-src 'self'",
    "form-action 'self'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
  ].join("; ");
}
