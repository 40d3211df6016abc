import { assert, assertEquals } from "@std/assert";
import { allFiles } from "../backend/testing/sources.ts";
import { Pages } from "./testing/pages.ts";

/**
 * The most that a page may load at once, in bytes of scripts as they are sent. What it loads by itself besides counts as
 * well, in a browser: `e2e/scripts.test.ts`.
 */
const MOST = 15_000;

/** Those with charts may load more. */
const MOST_WITH_CHARTS = 40_000;

/** Pages that are about one thing: how to make it, and how it is called. */
const THINGS: Readonly<Record<string, (pages: Pages) => Promise<string>>> = {
  "/admin/jobs/[id]": ({ api }) => api.queue.add("mail", {}),
  "/admin/schedules/[name]": async ({ api }) =>
    (await api.scheduler.create({ name: "daily", expression: "@daily", job: { type: "mail" } })).name,
  "/admin/webhooks/[id]": async ({ api }) => {
    const body = { url: "https://example.com/hooks" };
    return (await api.call<{ id: string }>("POST", "/api/admin/webhooks", { body })).body.id;
  },
};

/** Every page there is, by its route, and where one finds it. */
async function pathsOf(pages: Pages): Promise<Map<string, string>> {
  const paths = new Map<string, string>();
  for (const file of [...allFiles()].sort()) {
    const [, route] = /^frontend\/routes(\/.*)\.tsx$/.exec(file) ?? [];
    if (route === undefined || /\/_\w+$/.test(route)) continue;
    const make = THINGS[route];
    assert(make !== undefined || !route.includes("["), `Add to THINGS what ${route} is about`);
    const name = make === undefined ? "" : encodeURIComponent(await make(pages));
    paths.set(route, route.replace(/\[\w+\]$/, name));
  }
  return paths;
}

/** The scripts of a page, by their addresses. */
interface Scripts {
  atOnce: Map<string, string>;
  /** Those that it imports when it needs them. */
  later: Map<string, string>;
}

async function scriptsOf(pages: Pages, path: string): Promise<Scripts> {
  const role = path === "/admin/login" ? null : "admin";
  const { html, status } = await pages.get(path, { role });
  assertEquals(status, 200, path);
  const [atOnce, later] = [new Map<string, string>(), new Map<string, string>()];
  const follow = async (address: string, into: Map<string, string>): Promise<void> => {
    if (atOnce.has(address) || into.has(address)) return;
    const { html: code, headers } = await pages.get(address, { role });
    assertEquals(headers.get("Content-Type"), "text/javascript", address);
    into.set(address, code);
    for (const [, how = "", next = ""] of code.matchAll(/\b(from|import|import\()"(\.[^"]+)"/g)) {
      await follow(new URL(next, `http://x${address}`).pathname, how === "import(" ? later : into);
    }
  };
  for (const [, address = ""] of html.matchAll(/from "([^"]+\.js)"/g)) await follow(address, atOnce);
  return { atOnce, later };
}

async function sizeOf(scripts: ReadonlyMap<string, string>): Promise<number> {
  let size = 0;
  for (const text of scripts.values()) {
    const sent = new Blob([text]).stream().pipeThrough(new CompressionStream("gzip"));
    size += (await new Response(sent).bytes()).length;
  }
  return size;
}

Deno.test("No script of a page holds what only a server has", async () => {
  await using pages = new Pages();
  for (const path of (await pathsOf(pages)).values()) {
    const { atOnce, later } = await scriptsOf(pages, path);
    assert(atOnce.size > 0, path);
    for (const [address, code] of [...atOnce, ...later]) assert(!/["']node:|\bDeno\b/.test(code), address);
  }
});

Deno.test("A page loads few scripts", async () => {
  await using pages = new Pages();
  const table: string[] = [];
  let isFine = true;
  for (const [route, path] of await pathsOf(pages)) {
    const { atOnce, later } = await scriptsOf(pages, path);
    const [size, most] = [await sizeOf(atOnce), route === "/admin/jobs" ? MOST_WITH_CHARTS : MOST];
    if (size > most) isFine = false;
    const rest = later.size === 0 ? "" : `, ${await sizeOf(later)} later`;
    table.push(`${size > most ? "too large" : "         "} ${route}: ${size} of ${most} bytes${rest}`);
  }

  assert(isFine, `\n${table.join("\n")}`);
});

Deno.test("A page of whoever made it finds its script, and nobody finds another one", async () => {
  await using pages = new Pages();
  await using others = new Pages();
  const { atOnce } = await scriptsOf(pages, "/admin/queues");
  const [address = ""] = atOnce.keys();

  assertEquals((await others.get(address)).html, atOnce.get(address));
  for (
    const wrong of [
      "_x/page",
      "_admin_Queues._admin_Queues/page",
      "boot/page",
      "/page",
      "page",
      "_admin_Queues/x",
    ]
  ) {
    const { status } = await others.get(address.replace(/[^/]*\/page\.js$/, `${wrong}.js`));
    assertEquals(status, 404, wrong);
  }
});
