import { html } from "hono/html";
import { type ApiDocument, type Operation, operationsOf } from "./api-document.ts";
import { exampleOf, nameIn, outline, type Schema } from "./api-outline.ts";

/** A part of the page, escaped. */
type Html = ReturnType<typeof html>;

/** The page may load its stylesheet, and nothing else: there is no script and no form. */
export const PAGE_POLICY =
  "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/** Light or dark as the reader likes it, and narrow enough for a phone: what is too wide scrolls within itself. */
export const STYLE = `:root { color-scheme: light dark; --line: light-dark(#d4d4d8, #3f3f46);
  --soft: light-dark(#f4f4f5, #1f1f23); --dim: light-dark(#52525b, #a1a1aa); --mark: light-dark(#1d4ed8, #93c5fd); }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 60rem; padding: 1rem; background: Canvas; color: CanvasText;
  font: 1rem/1.5 system-ui, sans-serif; overflow-wrap: anywhere; }
a { color: var(--mark); }
h2 { margin-top: 3rem; border-bottom: 1px solid var(--line); }
h3 { margin-bottom: 0; font: 600 1rem/1.4 ui-monospace, monospace; }
h4 { margin: 1rem 0 0.25rem; font-size: 0.875rem; color: var(--dim); }
nav ul { display: flex; flex-wrap: wrap; gap: 0.25rem 1rem; padding: 0; list-style: none; }
article { margin: 1.5rem 0; padding: 0 1rem 1rem; border: 1px solid var(--line); border-radius: 0.5rem; }
.who { margin: 0; color: var(--dim); }
.method { color: var(--mark); }
pre { margin: 0; padding: 0.75rem; overflow-x: auto; border-radius: 0.375rem; background: var(--soft);
  font: 0.8125rem/1.5 ui-monospace, monospace; overflow-wrap: normal; }
dl { display: grid; grid-template-columns: minmax(0, 12rem) minmax(0, 1fr); gap: 0.25rem 1rem; margin: 0; }
dt { font-family: ui-monospace, monospace; font-size: 0.875rem; }
dd { margin: 0; }
@media (max-width: 40rem) { dl { grid-template-columns: minmax(0, 1fr); } dd { margin-bottom: 0.5rem; } }
`;

/**
 * The document as a page: every route with what it takes and answers, by what it is about. Needs no script.
 *
 * @param address Where the API is, for the examples.
 */
export function renderPage(document: ApiDocument, address: string): Html {
  const { info, tags = [] } = document;
  const schemas: Record<string, Schema> = document.components?.schemas ?? {};
  const context: Context = { document, schemas };
  const settings = `api=${address}\nauth="Authorization: Bearer $ADMIN_TOKEN"`;
  return html`
    <!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width">
        <title>${info.title}: HTTP API</title>
        <link rel="stylesheet" href="docs/style.css">
      </head>
      <body>
        <header>
    <h1>${info.title}: HTTP API</h1>
    <p class="who">Version ${info.version} · <a href="openapi.json">as OpenAPI ${document.openapi}</a></p>
    ${(info.description ?? "").split("\n\n").map((paragraph) => html`<p>${inline(paragraph)}</p>`)}
    <p>The examples need an address and a token:</p>
    <pre>${settings}</pre>
    <nav aria-label="Contents"><ul>${tags.map(({ name }) =>
      html`<li><a href="#${name}">${name}</a></li>`
    )}<li><a
    href="#schemas">schemas</a></li></ul></nav>
        </header>
        <main>
    ${tags.map(({ name, description }) =>
      html`
        <section id="${name}"><h2>${name}</h2>${described(description)}${operationsUnder(
          name,
          context,
        )}</section>
      `
    )}
    <section id="schemas"><h2>schemas</h2>
    ${Object.entries(schemas).map(([name, schema]) =>
      html`
        <article id="schema-${name}"><h3>${name}</h3>${described(schema.description)}${typeOf(
          schema,
        )}</article>
      `
    )}
    </section>
        </main>
      </body>
    </html>
  `;
}

/** What all parts of the page are made of. */
interface Context {
  document: ApiDocument;
  schemas: Readonly<Record<string, Schema>>;
}

function operationsUnder(tag: string, context: Context): Html[] {
  return Object.entries(context.document.paths ?? {}).flatMap(([path, item]) =>
    operationsOf(item)
      .filter(([, operation]) => operation.tags?.includes(tag))
      .map(([method, operation]) => article({ method: method.toUpperCase(), path, operation }, context))
  );
}

/** One method of one path. */
interface Route {
  method: string;
  path: string;
  operation: Operation;
}

function article(route: Route, context: Context): Html {
  const { method, path, operation } = route;
  const roles: string[] | undefined = operation["x-roles"];
  return html`
    <article id="${operation.operationId}">
    <h3><span class="method">${method}</span> ${path}</h3>
    <p>${operation.summary}</p>
    <p class="who">For: ${roles?.join(", ") ?? "everyone"}</p>
    ${parametersOf(operation)}${bodyOf(operation)}${answersOf(operation, context)}${eventsOf(operation)}
    <h4>Example</h4>
    <pre>${curl(route, context)}</pre>
    </article>
  `;
}

function parametersOf({ parameters = [] }: Operation): Html | string {
  if (parameters.length === 0) return "";
  const rows = parameters.map((parameter) => {
    if (!("name" in parameter)) return "";
    const { name, in: where, required = false, description, schema = {} } = parameter;
    const text = description === undefined ? "" : html`: ${inline(description)}`;
    return html`
      <dt>${name}</dt>
      <dd>${where}${required ? ", required" : ""}, <code>${pieces(schema)}</code>${text}</dd>
    `;
  });
  return html`
    <h4>Parameters</h4>
    <dl>${rows}</dl>
  `;
}

function bodyOf({ requestBody }: Operation): Html | string {
  if (requestBody === undefined || !("content" in requestBody)) return "";
  const schema: Schema = requestBody.content["application/json"]?.schema ?? {};
  if (schema.additionalProperties === false && Object.keys(schema.properties ?? {}).length === 0) return "";
  return html`<h4>Body${requestBody.required ? "" : " (may be left out)"}</h4>${typeOf(schema)}`;
}

/** What is read of an answer, or of the shared one that it refers to. */
interface Answer {
  $ref?: string;
  description?: string;
  content?: Record<string, { schema?: Schema }>;
}

function answersOf({ responses = {} }: Operation, { document }: Context): Html {
  const shared: Record<string, Answer> = document.components?.responses ?? {};
  const rows = Object.entries(responses).map(([status, answer]: [string, Answer]) => {
    const { content = {}, description = "" } = { ...shared[nameIn(answer) ?? ""], ...answer };
    const codes = Object.values(content).flatMap(({ schema }) =>
      schema?.allOf?.[1]?.properties?.code?.enum ?? []
    );
    return html`
      <dt>${status}</dt>
      <dd>${inline(description)}${codes.length > 0
        ? html`
          (<code>${codes.join(", ")}</code>)
        `
        : Object.entries(content).map(([type, { schema }]) =>
          html`: <code>${type}</code>${typeOf(schema ?? {})}`
        )}</dd>
    `;
  });
  return html`
    <h4>Answers</h4>
    <dl>${rows}</dl>
  `;
}

function eventsOf(operation: Operation): Html | string {
  const events: Record<string, Schema> | undefined = operation["x-events"];
  if (events === undefined) return "";
  const rows = Object.entries(events).map(([name, schema]) => {
    return html`
      <dt>${name}</dt>
      <dd><code>${pieces(schema)}</code></dd>
    `;
  });
  return html`
    <h4>Events</h4>
    <dl>${rows}</dl>
  `;
}

/** A command that asks for it, with what is required and no more. */
function curl({ method, path, operation }: Route, { schemas }: Context): string {
  const { requestBody, security } = operation;
  const isOpen = security?.length === 0;
  const schema = requestBody && "content" in requestBody && requestBody.required
    ? requestBody.content["application/json"]?.schema
    : undefined;
  const isJson = schema !== undefined;
  return [
    operation["x-events"] === undefined ? "curl -sS" : "curl -sSN",
    ...(method === "GET" || (isJson && method === "POST") ? [] : [`-X ${method}`]),
    `"$api${path.replace(/\{(\w+)\}/g, "$$$1")}"`,
    ...(isOpen ? [] : [`-H "$auth"`]),
    ...(isJson ? [`--json '${JSON.stringify(exampleOf(schema, schemas)).replaceAll("'", "'\\''")}'`] : []),
  ].join(" ");
}

function described(text: string | undefined): Html | string {
  return text === undefined ? "" : html`<p>${inline(text)}</p>`;
}

function typeOf(schema: Schema): Html {
  return html`<pre>${pieces(schema)}</pre>`;
}

function pieces(schema: Schema): (Html | string)[] {
  return outline(schema).map((piece) => {
    return typeof piece === "string" ? piece : html`<a href="#schema-${piece.name}">${piece.name}</a>`;
  });
}

/** Text in which what stands between backticks is code. */
function inline(text: string): (Html | string)[] {
  return text.split("`").map((part, i) => i % 2 === 0 ? part : html`<code>${part}</code>`);
}
