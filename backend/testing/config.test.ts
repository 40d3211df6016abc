import { assertEquals } from "@std/assert";
import { posix } from "node:path";
import { allFiles, textOf } from "./sources.ts";

/** What of a deno.json is compared here. */
interface Config {
  workspace?: string[];
  unstable?: string[];
  compilerOptions?: Record<string, unknown>;
  exclude?: string[];
  fmt?: { lineWidth?: number; exclude?: string[] };
  lint?: { exclude?: string[] };
  tasks?: Record<string, string>;
  imports?: Record<string, string>;
}

function configAt(path: string): Config {
  return JSON.parse(textOf(path));
}

/** The import map with each file by its path from the repository's folder. */
function importsAt(path: string): Map<string, string> {
  const entries = Object.entries(configAt(path).imports ?? {});
  return new Map(
    entries.map((
      [name, target],
    ) => [name, target.startsWith(".") ? posix.join(posix.dirname(path), target) : target]),
  );
}

/** Members have what the root says, and its lock; the others only what they say themselves. */
const members = (configAt("deno.json").workspace ?? []).map((folder) => posix.join(folder, "deno.json"));
const nested = [...allFiles()].filter((path) => /.\/deno\.json$/.test(path) && !members.includes(path));

Deno.test("Every nested deno.json gives a name of the root's import map the same meaning", () => {
  const root = importsAt("deno.json");
  const wrong = nested.flatMap((path) =>
    [...importsAt(path)]
      .filter(([name, target]) => root.has(name) && root.get(name) !== target)
      .map(([name, target]) => `${path}: ${name} is ${target}, in the root ${root.get(name)}`)
  );

  assertEquals(wrong, []);
});

Deno.test("Every nested deno.json checks and formats as the root's does", () => {
  const { compilerOptions, fmt, unstable } = configAt("deno.json");
  for (const path of nested) {
    const config = configAt(path);
    assertEquals({ ...config.compilerOptions, ...compilerOptions }, config.compilerOptions, path);
    assertEquals(config.fmt?.lineWidth, fmt?.lineWidth, path);
    assertEquals(config.unstable, unstable, path);
  }
});

Deno.test("A member of the workspace adds to what the root says and takes nothing back", () => {
  const { compilerOptions = {} } = configAt("deno.json");
  const undone = members.flatMap((path) => {
    return Object.keys(configAt(path).compilerOptions ?? {}).filter((name) => name in compilerOptions);
  });

  assertEquals([members, undone], [["frontend/deno.json"], []]);
});

Deno.test("What has a deno.json of its own is formatted and linted with the rest, and checked by its own", () => {
  const { exclude, fmt, lint, tasks = {} } = configAt("deno.json");
  const folders = nested.map((path) => posix.dirname(path)).sort();
  const unless = folders.map((folder) => `!${folder}`);

  assertEquals(exclude?.toSorted(), folders); // deno check has no list of its own
  // The stylesheet and the pictures are laid out by hand.
  const formatted = [...unless, "frontend/static"];
  assertEquals([fmt?.exclude?.toSorted(), lint?.exclude?.toSorted()], [formatted, unless]);
  for (const folder of folders) {
    assertEquals(tasks.check?.includes(`deno check --config ${folder}/deno.json ${folder}`), true, folder);
  }
});

Deno.test("What a nested deno.json adds to the root's packages stays out of the root's lock", () => {
  const root = importsAt("deno.json");
  const lock = textOf("deno.lock");
  const leaked = nested.flatMap((path) => [...importsAt(path)])
    .filter(([name, target]) => !root.has(name) && target.startsWith("npm:"))
    .filter(([name]) => lock.includes(`"${name}@`));

  assertEquals(leaked, []);
});
