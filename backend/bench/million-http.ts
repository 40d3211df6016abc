/** What the service does over HTTP where a million jobs are stored: `deno task bench --million-http`. */
import { systemClock as clock } from "../lib/clock.ts";
import { measureBulk } from "./million-bulk.ts";
import { measureExport } from "./million-export.ts";
import { measurePages } from "./million-pages.ts";
import { measureViews } from "./million-views.ts";
import { mixOf } from "./mixed-jobs.ts";
import { startService } from "./service.ts";
import { formatTable } from "./table.ts";

const CONFIG = new URL("./deno.json", import.meta.url).pathname;
const MIXED_JOBS = new URL("./mixed-jobs.ts", import.meta.url).pathname;

/** What was set beforehand: milliseconds to an answer, to a page and until it has loaded, MB at the most, times as long for an add. */
const LIMITS = { answer: 30, page: 50, loaded: 300, memory: 150, adds: 2 };

/** What can be measured, each with a service that has just started. */
const PARTS: Readonly<Record<string, (folder: string, count: number, samples: number) => Promise<string>>> = {
  views: async (folder, _, samples) => {
    await using service = await startService(folder, "deno");
    const views = await measureViews(service, { samples, now: clock.now() });
    return table(
      ["answer over HTTP", "median, ms", "slowest", "limit", ""],
      views.map(({ path, median, slowest }) => {
        return [path, median.toFixed(1), slowest.toFixed(1), ...kept(median, LIMITS.answer)];
      }),
    );
  },
  pages: async (folder, _, samples) => {
    await using service = await startService(folder, "deno");
    const pages = await measurePages(service, samples);
    return table(
      ["page of the dashboard", "sent, ms", "slowest", "limit", "", "loaded, ms", "limit", ""],
      pages.map(({ path, rendered, slowest, loaded }) => {
        const sent = [rendered.toFixed(1), slowest.toFixed(1), ...kept(rendered, LIMITS.page)];
        return [path, ...sent, loaded.toFixed(0), ...kept(loaded, LIMITS.loaded)];
      }),
    );
  },
  export: async (folder, count) => {
    await using service = await startService(folder, "deno");
    const steps = await measureExport(service, count);
    return table(
      ["memory of the service, MB", "peak", "then", "its own", "files", "limit", ""],
      steps.map(({ label, peak, now, anonymous, files }) => {
        const numbers = [peak, now, anonymous, files].map((value) => value.toFixed(0));
        return [label, ...numbers, ...kept(peak, LIMITS.memory)];
      }),
    );
  },
  bulk: async (folder, _, samples) => {
    await using service = await startService(folder, "deno");
    const { rounds, ratio } = await measureBulk(service, Math.ceil(samples / 5));
    const rows = rounds.map(({ idle, during, changed }) => [
      `while ${changed.toLocaleString("en")} jobs are changed`,
      idle.toFixed(1),
      during.toFixed(1),
      (during / idle).toFixed(2),
      "",
      "",
    ]);
    const head = ["adds beside a bulk retry: p99, ms", "before", "during", "×", "limit", ""];
    const middle = ["the middle of the rounds", "", "", ratio.toFixed(2), ...kept(ratio, LIMITS.adds)];
    return table(head, [...rows, middle]);
  },
};

export const MILLION_PARTS: readonly string[] = Object.keys(PARTS);

/** Makes a file of `count` jobs, measures each part and returns the tables, each with the load of the machine. */
export async function runMillionHttp(options: {
  only: readonly string[];
  count: number;
  samples: number;
  onProgress(line: string): void;
}): Promise<string> {
  const { only, count, samples, onProgress } = options;
  const folder = await Deno.makeTempDir({ prefix: "cronosaur-bench-" });
  try {
    onProgress("jobs");
    await fill(folder, count);
    const tables = [
      Object.entries(mixOf(count)).map(([name, jobs]) => `${jobs.toLocaleString("en")} ${name}`).join(", "),
    ];
    for (const name of only) {
      onProgress(name);
      tables.push(await PARTS[name]?.(folder, count, samples) ?? "");
    }
    return tables.join("\n\n");
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

async function fill(folder: string, count: number): Promise<void> {
  const args = ["run", "-A", "--config", CONFIG, MIXED_JOBS, folder, String(count)];
  const { success } = await new Deno.Command(Deno.execPath(), { args, stdout: "null", stderr: "inherit" })
    .output();
  if (!success) throw new Error("Cannot make the file of jobs: its process failed");
}

function kept(value: number, limit: number): [string, string] {
  return [String(limit), value < limit ? "holds" : "exceeded"];
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const load = Deno.loadavg()[0]?.toFixed(1);
  return `${formatTable(head, rows)}\nload of the machine at the end, this included: ${load}`;
}
