import { assertEquals } from "@std/assert";
import { allFiles, importsOf, textOf, withoutComments } from "./sources.ts";

/** The parts of the system, by their files. The first that fits counts. */
const PARTS: readonly (readonly [string, RegExp])[] = [
  [
    "tests",
    /\.test\.tsx?$|^backend\/(testing|bench)\/|^backend\/stores\/conformance|\/fixture\.ts$|^frontend\/(e2e|testing|fresh\/fixture)\//,
  ],
  ["demo", /^backend\/demo\//],
  ["entry", /^main\.ts$|^backend\/(cli|mod|process|logging)\.ts$/],
  ["workers", /^backend\/workers\//],
  ["jobs", /^backend\/jobs\.ts$/],
  ["app", /^backend\/app\.ts$/],
  ["client", /^backend\/client\.ts$/],
  ["routes", /^backend\/routes\//],
  ["tokens", /^backend\/(tokens|login-link)\.ts$/],
  ["opener", /^backend\/stores\/open\.ts$/],
  ["stores", /^backend\/stores\//],
  ["version", /^backend\/version\.ts$/],
  ["settings", /^backend\/(config|config-values)\.ts$/],
  ["lib", /^backend\/lib\//],
  ["stand-ins", /^backend\/std\//],
  ["frontend", /^frontend\//],
];

/** Which parts a part may import, besides itself. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  entry: ["workers", "jobs", "app", "tokens", "routes", "settings", "version", "lib", "frontend"],
  demo: ["tests", "entry", "workers", "jobs", "app", "tokens", "routes", "settings", "lib"],
  workers: ["jobs", "lib"],
  jobs: ["app", "tokens", "routes", "opener", "settings", "version", "lib", "frontend"],
  app: ["routes", "version", "lib", "frontend"],
  client: ["app", "routes"],
  routes: ["lib"],
  tokens: ["routes", "settings", "lib"],
  opener: ["stores", "lib"],
  stores: ["lib"],
  version: [],
  settings: ["lib"],
  lib: [],
  "stand-ins": [],
  frontend: ["client"],
};

/** What the core takes from elsewhere: ids, logging, tracing, types, and a timer for its clock. */
const CORE_PACKAGES = [
  "uuid",
  "@logtape/logtape",
  "@opentelemetry/api",
  "@standard-schema/spec",
  "node:timers",
];

function partOf(path: string): string | undefined {
  return PARTS.find(([, files]) => files.test(path))?.[0];
}

/** Which store a file of `backend/stores/` belongs to. */
function storeOf(path: string): string | undefined {
  return /^backend\/stores\/(\w+)/.exec(path)?.[1];
}

/** What is wrong with the imports of `path`. */
function wrongImports(path: string, part: string): string[] {
  const code = withoutComments(textOf(path));
  // Pages know the types of what they show, wherever those are; of the code they need none but the client.
  const needed = part === "frontend" ? code.replaceAll(/^import type [^;]*;/gm, "") : code;
  const { files, packages } = importsOf(path, needed);
  const wrong: string[] = [];
  for (const file of files) {
    const other = partOf(file) ?? "nothing known";
    const allowed = other === part || (MAY_IMPORT[part] ?? []).includes(other);
    if (!allowed) wrong.push(`${path} (${part}) imports ${file} (${other})`);
    if (part === "stores" && other === "stores" && storeOf(path) !== storeOf(file)) {
      wrong.push(`${path} imports another store: ${file}`);
    }
  }
  for (const name of packages) {
    if (part === "lib" && !CORE_PACKAGES.includes(name)) wrong.push(`${path} (lib) imports ${name}`);
    if (name === "@std/assert") wrong.push(`${path} imports ${name}, which is for tests`);
  }
  return wrong;
}

/** What only some files may use: a name for it, how it looks, and where it may stand. */
const RESERVED: readonly (readonly [string, RegExp, RegExp])[] = [
  ["the environment", /\bDeno\.env\b|\bprocess\.env\b/, /^backend\/config\.ts$/],
  [
    "time or timers",
    /\bDate\.now\b|\bnew Date\(\s*\)|(?<!new )(?<!\.)\bDate\(|\bperformance\.now\b|\b(set|clear)(Timeout|Interval|Immediate)\b|\bAbortSignal\.timeout\b|\bAtomics\.wait\b/,
    /^backend\/lib\/clock\.ts$|^frontend\//,
  ],
  ["Deno", /\bDeno\b/, /^(?!backend\/lib\/)/],
  ["node:timers", /["']node:timers/, /^backend\/lib\/clock\.ts$/],
];

const sources = [...allFiles()].filter((path) => /\.tsx?$/.test(path));

Deno.test("Every source belongs to a part of the system", () => {
  assertEquals(sources.filter((path) => partOf(path) === undefined), []);
});

Deno.test("Sources import only what their part may import", () => {
  const wrong = sources.flatMap((path) => {
    const part = partOf(path) ?? "";
    return part === "tests" ? [] : wrongImports(path, part);
  });

  assertEquals(wrong, []);
});

Deno.test("Only config.ts reads the environment, only clock.ts reads time or sets timers, and lib uses no Deno", () => {
  const wrong = sources.filter((path) => partOf(path) !== "tests").flatMap((path) => {
    const text = textOf(path);
    return RESERVED
      .filter(([name, pattern, home]) => {
        const code = withoutComments(text, name.startsWith("node:"));
        return pattern.test(code) && !home.test(path);
      })
      .map(([name]) => `${path} uses ${name}`);
  });

  assertEquals(wrong, []);
});

Deno.test("The rules see what they are to see", () => {
  const code = [
    'import { a } from "./a.ts"; // from "./comment.ts"',
    'import {\n  e,\n} from "./e.ts";',
    'const sentence = `from ${"x"} to`;',
    'import type { B } from "../lib/b.ts";',
    'export * from "hono";',
    'import "./side-effect.ts";',
    'const c = await import("./dynamic.ts"), text = "Date.now() // no comment", pattern = /["\'`]/;',
    "/* setTimeout( */ const d = `${setTimeout} performance.now`;",
  ].join("\n");

  assertEquals(importsOf("backend/jobs.ts", withoutComments(code)), {
    files: ["backend/a.ts", "backend/e.ts", "lib/b.ts", "backend/side-effect.ts", "backend/dynamic.ts"],
    packages: ["hono"],
  });
  const bare = withoutComments(code, false);
  const [, [, time]] = RESERVED as [unknown, readonly [string, RegExp, RegExp]];
  assertEquals(bare.match(new RegExp(time, "g")), ["setTimeout"]);
  for (const use of ["new Date( )", "Date()", "clearTimeout(x)", "AbortSignal.timeout(5)"]) {
    assertEquals(time.test(use), true);
  }
  for (const fine of ["new Date(now)", "toDate()", "job.setTimeouts", "Date.parse(x)"]) {
    assertEquals(time.test(fine), false, fine);
  }
});

Deno.test("No public text names this machine's folders or a person's", () => {
  const { pathname } = new URL("../..", import.meta.url);
  const own = pathname.replace(/\/$/, "");
  const personal = /(?<![\w.~])\/(?:home|Users)\/[a-z][\w.-]*|(?<![\w.~/])\/root\/|[A-Z]:\\Users\\/;
  const wrong = [...allFiles()]
    .filter((path) =>
      !/\.(png|jpe?g|webp|gif|ico|woff2?|db|db-wal|db-shm)$/.test(path) &&
      path !== "backend/testing/imports.test.ts"
    )
    .filter((path) => {
      const text = textOf(path);
      return personal.test(text) || (own.length > 1 && text.includes(`${own}/`));
    });

  assertEquals(wrong, []);
});
