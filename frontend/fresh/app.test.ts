import { assert, assertEquals } from "@std/assert";
import { Builder } from "./dev.ts";
import { App, staticFiles } from "./mod.ts";
import { asset } from "./runtime.ts";

const root = decodeURI(new URL("fixture", import.meta.url).pathname);

/** Asks the project of `fixture/` for `path`, at a base path. */
async function setup(basePath = "") {
  const apply = await new Builder({ root }).build({ mode: "production", snapshot: "memory" });
  const app = new App<{ trail: string[] }>({ basePath })
    .use((ctx) => {
      ctx.state.trail = ["use"];
      return ctx.next();
    })
    .use(staticFiles())
    .fsRoutes();
  apply(app);
  const handler = app.handler();
  return async (path: string, init?: RequestInit) => {
    const response = await handler(new Request(`http://localhost${basePath}${path}`, init));
    return { status: response.status, headers: response.headers, text: await response.text() };
  };
}

Deno.test("A page is rendered inside its layouts and the app, after the middlewares of its folders", async () => {
  const get = await setup();

  const { status, headers, text } = await get("/");
  assertEquals([status, headers.get("Content-Type")], [200, "text/html; charset=utf-8"]);
  assertEquals(
    text,
    '<!DOCTYPE html><html data-trail="use"><body><main><h1>&lt;Start></h1></main></body></html>',
  );
  const inner = await get("/shop/new/");
  assert(inner.text.includes('data-trail="use shop"'), inner.text);
  assert(inner.text.includes('<main><div id="shop"><p>new</p></div></main>'), inner.text);
});

Deno.test("A handler's page has its status and headers; a redirect never leads to another site", async () => {
  const get = await setup("/ops");

  const page = await get("/shop/a%20b");
  assertEquals([page.status, page.headers.get("X-Made")], [203, "yes"]);
  const away = await get("/shop/away");
  assertEquals([away.status, away.headers.get("Location")], [303, "/evil.example/x?y=//z"]);
  assertEquals(JSON.parse((await get("/shop/json")).text), {
    route: "/ops/shop/:id",
    params: { id: "json" },
  });
});

Deno.test("What is thrown passes by the middlewares to the nearest _error; what is unknown to the outermost", async () => {
  const get = await setup();

  const inner = await get("/shop/none");
  assertEquals(inner.status, 404);
  assert(inner.text.includes('data-trail="use shop caught"'), inner.text);
  assert(inner.text.includes('<div id="shop"><p>inner: HttpError: sold out</p></div>'), inner.text);
  const outer = await get("/shop/a/b");
  assertEquals(outer.status, 404);
  assert(
    outer.text.includes('data-trail="use"') && outer.text.includes("<main><p>outer: HttpError"),
    outer.text,
  );
  const wrong = await get("/shop/wrong");
  assertEquals(wrong.status, 500);
  assert(
    wrong.text.includes("inner: TypeError: Cannot send the prop &quot;onBuy&quot; of an island"),
    wrong.text,
  );
});

Deno.test("A method that a route has no handler for is answered with 404, HEAD as GET without a body", async () => {
  const get = await setup();

  assertEquals((await get("/shop/a", { method: "POST" })).status, 404);
  const { status, headers, text } = await get("/shop/a", { method: "HEAD" });
  assertEquals([status, headers.get("X-Made"), text], [203, "yes", ""]);
});

Deno.test("An island is marked, and a script with a nonce brings it and its props to the browser", async () => {
  const get = await setup("/ops");
  const { text } = await get("/shop/x");

  assert(/<!--island:0--><button.*?>x 0<i>nested<\/i><\/button><!--\/island:0-->/.test(text), text);
  const [, nonce, script = ""] = /<script type="module" nonce="(\w{32})">(.*)<\/script><\/body>/.exec(text) ??
    [];
  assert(nonce !== undefined && !(await get("/shop/x")).text.includes(nonce));
  assert(
    script.endsWith(`boot([[_Buy,{"name":"x","note":"\\u003c/script>"}]],"${buildIdOf(asset("/"))}");`),
    script,
  );
  for (const [, path = ""] of script.matchAll(/from "\/ops([^"]+)"/g)) {
    const { status, headers } = await get(path);
    assertEquals([status, headers.get("Content-Type")], [200, "text/javascript"], path);
    assertEquals(headers.get("Cache-Control"), "public, max-age=31536000, immutable");
  }
});

Deno.test("asset() makes addresses that may be kept; those of another build lead to this one's", async () => {
  const get = await setup("/ops");
  const address = asset("/a.css?x=1#y");

  assert(/^\/a\.css\?x=1&__frsh_c=\w{16}#y$/.test(address), address);
  assertEquals([asset("a.css"), asset("//b/a.css"), asset(address)], ["a.css", "//b/a.css", address]);
  const kept = await get(asset("/img/b.svg"));
  assertEquals([kept.headers.get("Content-Type"), kept.headers.get("Cache-Control")], [
    "image/svg+xml",
    "public, max-age=31536000, immutable",
  ]);
  assertEquals((await get("/a.css")).headers.get("Cache-Control"), "no-cache, no-store, max-age=0");
  const old = await get("/a.css?__frsh_c=old");
  assertEquals([old.status, old.headers.get("Location")], [307, "http://localhost/ops/a.css"]);
});

function buildIdOf(address: string): string {
  return address.replace(/.*=/, "");
}
