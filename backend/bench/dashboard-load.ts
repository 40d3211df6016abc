/** What an open dashboard costs, and what it takes: `deno task bench --dashboard`. */
import { launchBrowser, openPage, useOf } from "./browser.ts";
import { Child } from "./child.ts";
import type { Ran } from "./event-server.ts";
import { freePort } from "./free-port.ts";
import { median } from "./samples.ts";
import { formatNumber, formatTable } from "./table.ts";

/** Jobs added and run each second while the page is open. */
const RATE = 2000;
/** Jobs that are run as fast as can be, with the page open and without. */
const DRAINED = 20_000;
const WARM_UP = 5_000;

/** What was set beforehand: how much slower a drain may be, in percent. */
const SLOWER = 10;

/**
 * Adds and runs 2,000 jobs a second for `minutes` while the page of jobs is open in a browser, and drains jobs by turns
 * with the page open and without it. Returns the table.
 */
export async function runDashboard(
  { minutes, rounds, onProgress }: { minutes: number; rounds: number; onProgress(line: string): void },
): Promise<string> {
  const folder = await Deno.makeTempDir({ prefix: "cronosaur-bench-" });
  try {
    const port = freePort();
    const origin = `http://127.0.0.1:${port}`;
    await using _server = await startServer(`kv:${folder}/jobs.db`, port);
    await using stack = new AsyncDisposableStack();
    const browser = await launchBrowser();
    stack.defer(() => browser.close());
    await ask(`${origin}/drain?jobs=${WARM_UP}`);

    const [without, beside]: [Ran[], Ran[]] = [[], []];
    for (let round = 0; round < rounds; round++) {
      without.push(await ask(`${origin}/drain?jobs=${DRAINED}`));
      const page = await openPage(browser, `${origin}/admin/jobs`);
      beside.push(await ask(`${origin}/drain?jobs=${DRAINED}`));
      await page.context().close();
      const [alone, watched] = [without, beside].map((runs) => `${runs.at(-1)?.ms.toFixed(0)} ms`);
      onProgress(`${DRAINED} jobs without the page ${alone}, beside it ${watched}, load ${load()}`);
    }
    const page = await openPage(browser, `${origin}/admin/jobs`);
    const before = await useOf(page);
    const ran = await ask(`${origin}/pace?jobs=${Math.round(RATE * 60 * minutes)}&rate=${RATE}`);
    const after = await useOf(page);

    const rate = (runs: readonly Ran[]) => formatNumber(median(runs.map(({ ms }) => DRAINED * 1000 / ms)));
    const cpu = (runs: readonly Ran[]) => formatNumber(median(runs.map(({ cpu }) => cpu * 1000 / DRAINED)));
    const slower = 100 * (1 - median(beside.map(({ ms }, i) => (without[i]?.ms ?? NaN) / ms)));
    const rows = [
      ["jobs a second beside the page", formatNumber(RATE * 60 * minutes * 1000 / ran.ms), "", ""],
      ["longest task in the page, ms", formatNumber(after.longestTask), "", ""],
      ["heap of the page at the start, MB", before.heap.toFixed(1), "", ""],
      [`heap after ${minutes} min, MB`, after.heap.toFixed(1), "", ""],
      ["drained without the page, /s", rate(without), "", ""],
      ["drained beside the page, /s", rate(beside), "", ""],
      ["processor time a job without the page, µs", cpu(without), "", ""],
      ["processor time a job beside the page, µs", cpu(beside), "", ""],
      ["slower by, %", slower.toFixed(1), String(SLOWER), slower < SLOWER ? "holds" : "exceeded"],
    ];
    const table = formatTable(["the dashboard open in a browser", "found", "limit", ""], rows);
    return `${table}\nload of the machine at the end, this included: ${load()}`;
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** Without this folder's configuration: the dashboard is bundled with what the root's says. */
async function startServer(store: string, port: number): Promise<Child> {
  const cwd = new URL("../../", import.meta.url).pathname;
  const child = new Child(["run", "-A", "backend/bench/event-server.ts", store, String(port)], { cwd });
  await child.said("ready");
  return child;
}

async function ask(url: string): Promise<Ran> {
  const response = await fetch(url);
  if (!response.ok) throw new Error(`Cannot measure: ${url} answers ${response.status}`);
  return await response.json() as Ran;
}

function load(): string {
  return Deno.loadavg()[0]?.toFixed(1) ?? "";
}
