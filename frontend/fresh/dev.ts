import { PageScripts } from "../build/page-scripts.ts";
import type { RouteHandler } from "./define.ts";
import { registerIsland } from "./islands.ts";
import { setBuildId } from "./runtime.ts";

export interface RouteModule {
  default?: unknown;
  // deno-lint-ignore no-explicit-any
  handler?: RouteHandler<any, any>;
}

/** What a build leaves for the apps it is applied to. */
export interface Snapshot {
  buildId: string;
  /** Of `static/`, by path below the base path. */
  files: ReadonlyMap<string, Uint8Array<ArrayBuffer>>;
  /** By path below `routes`, without the extension: `/admin/jobs/[id]`. */
  routes: ReadonlyMap<string, RouteModule>;
  /** Of islands, by their names, and of `boot`, which brings them to life. */
  scripts: PageScripts;
}

export const snapshots = new WeakMap<object, Snapshot>();

/** Bundles the islands of a project and loads its routes. */
export class Builder {
  /** `root` is the folder of `routes/`, `islands/` and `static/`. */
  constructor(readonly options: { root: string }) {}

  /** Holds the build in memory, and returns what gives it to an app, before its `handler()` is asked for. */
  async build(_: { mode?: "development" | "production"; snapshot?: "disk" | "memory" } = {}) {
    const { root } = this.options;
    const routes = new Map<string, RouteModule>();
    for (const [path, name] of filesIn(`${root}/routes`)) {
      routes.set(name.replace(/\.tsx?$/, ""), await import(`file://${path}`));
    }
    const sources = new Map([["boot", decodeURI(new URL("./client.ts", import.meta.url).pathname)]]);
    for (const [path, name] of filesIn(`${root}/islands`)) {
      const id = name.replace(".tsx", "").replaceAll(/\W/g, "_");
      registerIsland(id, (await import(`file://${path}`)).default);
      sources.set(id, path);
    }
    const options = { platform: "browser", codeSplitting: true, minify: true } as const;
    const output = { entrypoints: [...sources.values()], outputDir: "/", write: false };
    const { success, errors, outputFiles = [] } = await Deno.bundle({ ...options, ...output });
    const reasons = new Set(errors.map(({ text }) => text));
    if (!success) throw new Error(`Cannot bundle the islands: ${[...reasons].join("; ")}`);
    const modules = new Map(outputFiles.map((file) => [file.path, file.text()]));
    const files = new Map(filesIn(`${root}/static`).map(([path, name]) => [name, Deno.readFileSync(path)]));
    const bytes = await new Blob([...files.values(), ...modules.values()]).bytes();
    const buildId = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)).toHex().slice(0, 16);
    const scripts = new PageScripts(modules, sources, `/_fresh/js/${buildId}/`);
    setBuildId(buildId);
    return (app: object): void => void snapshots.set(app, { buildId, files, routes, scripts });
  }
}

/** The files in `folder` and below it, but tests: their paths, and how they go on after its. */
function filesIn(folder: string, below = ""): [path: string, name: string][] {
  return [...Deno.readDirSync(folder + below)].flatMap(({ name, isDirectory }): [string, string][] => {
    const path = `${below}/${name}`;
    if (isDirectory) return filesIn(folder, path);
    return /[._]test\.\w+$/.test(name) ? [] : [[folder + path, path]];
  });
}
