/** The documentation names all that there is to know: a setting, route, option or key added later is missed here. */
import { assertEquals } from "@std/assert";
import * as api from "cronosaur";
import { createApp } from "../app.ts";
import { Queue } from "../lib/queue.ts";
import { Scheduler } from "../lib/scheduler.ts";
import { createKeys } from "../stores/kv/keys.ts";
import { MemoryStore } from "../stores/memory.ts";
import { codeBlocks } from "./markdown.ts";
import { allFiles, textOf } from "./sources.ts";

const GUIDE = textOf("docs/BACKGROUND_JOBS.md");

function unnamed(names: Iterable<string>, text: string): string[] {
  return [...new Set(names)].filter((name) => !text.includes(name));
}

function* found(path: string, pattern: RegExp): Generator<string> {
  for (const [, name = ""] of textOf(path).matchAll(pattern)) yield name;
}

Deno.test("The guide names every setting and flag", () => {
  const names = [
    ...found("backend/config.ts", /"([A-Z]+(?:_[A-Z]+)*|--[a-z-]+)",/g),
    ...found("backend/cli.ts", /\.option\(\s*"(--[a-z-]+)/g),
  ];

  assertEquals(names.includes("STORE_URL") && names.includes("--worker-id"), true);
  assertEquals(unnamed(names.map((name) => `\`${name}`), GUIDE), []);
});

Deno.test("The guide names every option of add(), process() and createJobs()", () => {
  const names = [
    ...found("backend/lib/options.ts", /^ {2}(\w+)\?:/gm),
    ...found("backend/lib/handlers.ts", /^ {2}(\w+)\?:/gm),
    ...found("backend/jobs.ts", /^ {2}"(\w+)",$/gm),
  ];

  assertEquals(names.includes("priority") && names.includes("storePrefix"), true);
  assertEquals(unnamed(names, GUIDE), []);
});

Deno.test("The guide names every error a caller may catch, with its code", () => {
  const errors = Object.entries(api).filter(([name]) => name.endsWith("Error") && name !== "QueueError");
  const codes = [...found("backend/lib/errors.ts", /code = "(\w+)"/g)].filter((code) =>
    code !== "version_conflict"
  );

  assertEquals(
    unnamed(errors.map(([name]) => `\`${name}\``).filter((name) => name !== "`isInputError`"), GUIDE),
    [],
  );
  assertEquals(unnamed(codes.map((code) => `\`${code}\``), GUIDE), []);
});

Deno.test("The guide names every route and every code of its refusals", () => {
  const queue = new Queue({ store: new MemoryStore() });
  const authorize = { tokens: () => Promise.reject(new Error("Nobody asks")) };
  const app = createApp({ queue, scheduler: new Scheduler(queue), authorize });
  const paths = app.routes.filter(({ method }) => method !== "ALL").map(({ path }) => path);
  const routes = [...new Set(paths)].filter((path) => !/^\/(admin|_fresh)\b|\.css$/.test(path))
    .map((path) => path.replace(/.*\/(resume|disable)$/, "…/$1"));
  const sources = [...allFiles()].filter((path) => /^backend\/routes\/.*(?<!\.test)\.ts$/.test(path));
  const codes = sources.flatMap((path) => [...found(path, /HttpProblem\(\s*\w+,\s*"(\w+)"/g)]);

  assertEquals(routes.length >= 15 && codes.length >= 8, true);
  assertEquals(unnamed(routes.map((path) => `${path}\``), GUIDE), []);
  assertEquals(unnamed(codes.map((code) => `\`${code}\``), GUIDE), []);
});

Deno.test("STORES.md tells what each key of the KV file is for", () => {
  const job = { queue: "q", type: "t", priority: 0, scheduledAt: 0, seq: "s", status: "pending" };
  const keys = Object.values(createKeys("p")).map((key) => {
    const parts = (key as (...args: unknown[]) => Deno.KvKey)(job, job, 0, 0);
    const [name, second] = parts[0] === "p" ? parts.slice(1) : [String(parts[0]).slice(2), parts[1]]; // "p/job"
    return name === "hot" ? `${name}, ${String(second)}` : String(name);
  });

  assertEquals(unnamed(keys.map((key) => `\`${key}`), textOf("docs/STORES.md")), []);
});

Deno.test("DASHBOARD.md names every page, and shows files of the dashboard as they are", () => {
  const text = textOf("docs/DASHBOARD.md");
  const pages = [...allFiles()].map((path) => /^frontend\/routes(\/.*)\.tsx$/.exec(path)?.[1] ?? "")
    .filter((path) => path !== "" && !/\/_\w+$/.test(path))
    .map((path) => `${path.replace(/\[(\w+)\]$/, ":$1")}\``);
  const shown = codeBlocks(text).filter(({ info }) => info.includes("frontend/"));

  assertEquals(pages.includes("/admin/webhooks/:id`"), true);
  assertEquals(unnamed(pages, text), []);
  assertEquals(shown.length, 2);
  for (const { info, text } of shown) assertEquals(text, textOf(info.split(" ").at(-1) ?? ""));
});
