import type { RouteHandler } from "./define.ts";
import { registerIsland } from "./islands.ts";
import { link } from "./link.ts";
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
  /** Where browsers find these islands, and `boot`, which brings them to life. */
  scriptOf(islands: readonly string[]): string;
  /** What stands there, whoever has made the page. */
  scriptAt(path: string): string | undefined;
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
    const entries = [...sources].map(([id, source]) => {
      const output = source.replace(/\.tsx?$/, ".js"); // paths of modules lack what all sources begin with
      return [id, [...modules.keys()].find((path) => output.endsWith(path)) ?? ""] as const;
    });
    const folder = `/_fresh/js/${buildId}/`;
    const scriptOf = (islands: readonly string[]) => `${folder}${[...new Set(islands)].sort().join(".")}.js`;
    const scriptAt = (path: string) => {
      const [, page = "", later] = /^([\w.]+?)(?:\/([\w-]+))?\.js$/.exec(path.slice(folder.length)) ?? [];
      const names = page.split(".");
      const asked = new Map(entries.filter(([id]) => id === "boot" || names.includes(id)));
      const isPage = path.startsWith(scriptOf(names).slice(0, -".js".length)) && asked.size > names.length;
      if (!isPage || later !== undefined && !modules.has(`/${later}.js`)) return undefined;
      return link(modules, asked, page, later && `/${later}.js`);
    };
    setBuildId(buildId);
    const snapshot: Snapshot = { buildId, files, routes, scriptOf, scriptAt };
    return (app: object): void => void snapshots.set(app, snapshot);
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
