/**
 * What Lighthouse says of the dashboard, signed in, over the demo: `deno task lighthouse 3 /admin/jobs`, where 3
 * is how often each page is looked at, and what follows are the only pages. Prints the medians: scores, what the
 * server takes for a page, when a warm page has loaded, and how much it loads.
 */
import lighthouse, { desktopConfig } from "lighthouse";
import type { Cookie } from "playwright-core";
import { live, type Page, Stage } from "./stage.ts";

/** What was found of a page. Scores are 0–100, times milliseconds, sizes bytes. */
interface Findings {
  performance: number;
  accessibility: number;
  practices: number;
  /** Until the first byte of the page came. */
  server: number;
  /** Until the load event, with a warm cache. */
  load: number;
  /** Of its scripts, as gzip. */
  scripts: number;
  /** What kept it from better scores. */
  faults: string[];
}

const CATEGORIES = ["performance", "accessibility", "best-practices"] as const;

if (import.meta.main) await main(Number(Deno.args[0] ?? 3), Deno.args.slice(1));

async function main(rounds: number, only: readonly string[]): Promise<void> {
  const port = freePort();
  const stage = await Stage.demo([], [`--remote-debugging-port=${port}`]);
  try {
    const paths = only.length > 0 ? only : await pathsOf(stage);
    const all = new Map<string, Findings[]>(paths.map((path) => [path, []]));
    for (let round = 0; round < rounds; round++) {
      for (const path of paths) all.get(path)?.push(await judge(stage, path, port));
    }
    console.log("perf  access  practices  server ms  load ms  scripts KB  page");
    for (const [path, findings] of all) console.log(lineOf(path, findings));
    for (const fault of new Set([...all.values()].flat().flatMap(({ faults }) => faults))) console.log(fault);
    console.log(`Load of the machine at the end, this included: ${Deno.loadavg()[0]?.toFixed(1)}`);
  } finally {
    await stage.close();
  }
}

async function pathsOf(stage: Stage): Promise<string[]> {
  const jobs = await stage.api<{ data: { id: string }[] }>("GET", "/jobs?status=failed&limit=1");
  const webhooks = await stage.api<{ data: { id: string }[] }>("GET", "/webhooks");
  return [
    "/admin/jobs",
    `/admin/jobs/${encodeURIComponent(jobs.data[0]?.id ?? "")}`,
    "/admin/errors",
    "/admin/schedules",
    "/admin/schedules/report:revenue",
    "/admin/workers",
    "/admin/queues",
    "/admin/webhooks",
    `/admin/webhooks/${webhooks.data[0]?.id ?? ""}`,
    "/admin/audit",
  ];
}

async function judge(stage: Stage, path: string, port: number): Promise<Findings> {
  const page = await stage.look(path);
  await live(page);
  const warm = await measure(page);
  await signIn(stage, await page.context().cookies());
  await page.context().close();

  const result = await lighthouse(
    stage.url + path,
    { port, onlyCategories: [...CATEGORIES], logLevel: "error" },
    desktopConfig,
  );
  if (result === undefined) throw new Error(`Cannot judge ${path}: Lighthouse found nothing`);
  const { categories, audits } = result.lhr;
  const [performance = 0, accessibility = 0, practices = 0] = CATEGORIES.map((name) =>
    Math.round(100 * (categories[name]?.score ?? 0))
  );
  const counted = CATEGORIES.flatMap((name) => categories[name]?.auditRefs ?? []);
  const faults = counted.filter(({ id, weight }) => weight > 0 && (audits[id]?.score ?? 1) < 0.9)
    .map(({ id }) =>
      `${path}: ${audits[id]?.title} ${JSON.stringify(audits[id]?.details ?? "").slice(0, 500)}`
    );
  return { performance, accessibility, practices, ...warm, faults };
}

/** Gives the browser's own profile, in which Lighthouse opens its tabs, the cookies of one that is signed in. */
async function signIn(stage: Stage, cookies: readonly Cookie[]): Promise<void> {
  const session = await stage.browser.newBrowserCDPSession();
  const known = cookies.map(({ name, value, path, httpOnly }) => ({
    name,
    value,
    path,
    httpOnly,
    url: stage.url,
  }));
  await session.send("Storage.setCookies", { cookies: known });
  await session.detach();
}

/** Loads the page once more, from a warm cache. */
async function measure(page: Page): Promise<Pick<Findings, "server" | "load" | "scripts">> {
  await page.reload({ waitUntil: "load" });
  await live(page);
  const times = await page.evaluate(() => {
    const [entry] = performance.getEntriesByType("navigation") as PerformanceNavigationTiming[];
    const scripts = (performance.getEntriesByType("resource") as PerformanceResourceTiming[])
      .map(({ name }) => name).filter((name) => name.endsWith(".js"));
    return {
      server: (entry?.responseStart ?? NaN) - (entry?.requestStart ?? NaN),
      load: entry?.loadEventEnd ?? NaN,
      scripts: [...new Set(scripts)],
    };
  });
  let scripts = 0;
  for (const url of times.scripts) {
    const { body } = await fetch(url);
    const sent = body?.pipeThrough(new CompressionStream("gzip"));
    scripts += (await new Response(sent ?? null).bytes()).length;
  }
  return { ...times, scripts };
}

function lineOf(path: string, findings: readonly Findings[]): string {
  const middle = (pick: (one: Findings) => number) => {
    const sorted = findings.map(pick).sort((a, b) => a - b);
    return sorted[Math.floor(sorted.length / 2)] ?? NaN;
  };
  return [
    String(middle(({ performance }) => performance)).padStart(4),
    String(middle(({ accessibility }) => accessibility)).padStart(6),
    String(middle(({ practices }) => practices)).padStart(9),
    middle(({ server }) => server).toFixed(0).padStart(9),
    middle(({ load }) => load).toFixed(0).padStart(7),
    (middle(({ scripts }) => scripts) / 1000).toFixed(1).padStart(10),
    path,
  ].join("  ");
}

function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}
