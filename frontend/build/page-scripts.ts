/** A module as esbuild writes it: imports, code, exports. */
const MODULE = /^((?:import[^;(]*;)*)(.*)export\{([^}]*)\};?\s*$/s;

/** What the script of a page is called, in a folder of its own. */
const PAGE = "page";

/**
 * One script for each page: the modules that its islands need, joined. The dozens that a bundle has would compress
 * badly, and be asked for one after the other. What is imported when somebody needs it is a script of its own, with
 * what that of the page lacks.
 *
 * The names of islands stand in the address: every process that has the same build finds the script, whoever has made
 * the page.
 */
export class PageScripts {
  readonly #modules: ReadonlyMap<string, string>;
  readonly #entries: ReadonlyMap<string, string>;
  readonly #folder: string;

  /**
   * @param modules The output of esbuild, minified and split, by path.
   * @param sources Of islands, by their names, and of "boot". Their modules' paths are the same but for the beginning.
   * @param folder Where the scripts stand, with a slash at its end.
   */
  constructor(modules: ReadonlyMap<string, string>, sources: ReadonlyMap<string, string>, folder: string) {
    const paths = [...modules.keys()];
    const pathOf = (source: string) => paths.find((path) => source.replace(/\.tsx?$/, ".js").endsWith(path));
    this.#modules = modules;
    this.#entries = new Map([...sources].map(([name, source]) => [name, pathOf(source) ?? ""]));
    this.#folder = folder;
  }

  /** Where browsers find these islands, and `boot`, which brings them to life. */
  pathOf(islands: readonly string[]): string {
    return `${this.#folder}${[...new Set(islands)].sort().join(".")}/${PAGE}.js`;
  }

  /** What stands there. */
  at(path: string): string | undefined {
    const [, page = "", part = ""] = /^([\w.]+)\/([\w-]+)\.js$/.exec(path.slice(this.#folder.length)) ?? [];
    const names = page.split(".");
    const later = part === PAGE ? undefined : `/${part}.js`;
    const isHere = path === this.pathOf(names).replace(`/${PAGE}.js`, `/${part}.js`);
    const isKnown = names.every((name) => name !== "boot" && this.#entries.has(name));
    if (!isHere || !isKnown || (later !== undefined && !this.#modules.has(later))) return undefined;

    const linker = new Linker(this.#modules);
    const made = ["boot", ...names].map((name) => {
      const path = this.#entries.get(name) ?? "";
      const place = linker.exportsOf(path).indexOf(name === "boot" ? name : "default");
      return `${name}=${linker.join(path)}[${place}]`;
    });
    if (later === undefined) return `${linker.script}export let ${made};`;
    const { names: known } = linker;
    linker.script = "";
    const whole = linker.join(later);
    return `import{${known}}from"./${PAGE}.js";${linker.script}export let[${
      linker.exportsOf(later)
    }]=${whole};`;
  }
}

/**
 * Joins modules to a script, each as the result of a function: the list of what it exports, which compresses better than
 * names do. What modules export must not be assigned to later on.
 */
class Linker {
  script = "";
  readonly #modules: ReadonlyMap<string, string>;
  readonly #names = new Map<string, string>();

  constructor(modules: ReadonlyMap<string, string>) {
    this.#modules = modules;
  }

  /** What the modules are called that have been joined. */
  get names(): string[] {
    return [...this.#names.values()];
  }

  /** Adds a module and what it needs, unless it is there already, and returns what it is called. */
  join(path: string): string {
    const name = this.#names.get(path) ?? `module${this.#names.size}`;
    if (this.#names.has(path)) return name;
    this.#names.set(path, name);
    const { imports, code, exports } = this.#read(path);
    const needed = [...imports.matchAll(/(?:\{([^}]*)\}from)?"([^"]*)"/g)].map(
      ([, names = "", from = ""]) => {
        const source = new URL(from, `file://${path}`).pathname;
        const module = this.join(source);
        const own = new Map(pairsIn(names));
        return names === "" ? [] : `[${this.exportsOf(source).map((name) => own.get(name) ?? "")}]=${module}`;
      },
    ).flat();
    const start = needed.length === 0 ? "" : `let ${needed};`;
    // What a page loads later is beside its script.
    const body = code.replaceAll(/\bimport\("[^"]*?\/([^"/]*)"\)/g, 'import("./$1")');
    this.script += `export let ${name}=(()=>{${start}${body}return[${exports.map(([own]) => own)}]})();`;
    return name;
  }

  exportsOf(path: string): string[] {
    return this.#read(path).exports.map(([, name]) => name);
  }

  #read(path: string): { imports: string; code: string; exports: [string, string][] } {
    const [whole, imports = "", code = "", exports = ""] = MODULE.exec(this.#modules.get(path) ?? "") ?? [];
    if (whole === undefined) throw new Error(`Cannot join ${path}: it is no module that esbuild has written`);
    return { imports, code, exports: pairsIn(exports) };
  }
}

/** What `b as v,d` says: `[["b", "v"], ["d", "d"]]`. */
function pairsIn(names: string): [from: string, to: string][] {
  return names.split(",").map((one) => {
    const [from = "", to = from] = one.split(" as ");
    return [from, to];
  });
}
