/** A module as esbuild writes it: imports, code, exports. */
const MODULE = /^((?:import[^;(]*;)*)(.*)export\{([^}]*)\};?\s*$/s;

/**
 * Joins modules of a bundle to the script of a page, which is called `page`: those that `islands` need, by their paths
 * and names. Dozens of small scripts would compress badly, and be asked for one after the other.
 *
 * @param later A module that the page imports when it needs it: its script is made, of what the page's does not hold.
 */
export function link(
  modules: ReadonlyMap<string, string>,
  islands: ReadonlyMap<string, string>,
  page: string,
  later?: string,
): string {
  const joined = new Map<string, string>();
  let script = "";

  /** Returns the name under which the module stands in the script. What it exports must not be assigned to later on. */
  function join(path: string): string {
    const name = joined.get(path) ?? `module${joined.size}`;
    if (joined.has(path)) return name;
    joined.set(path, name);
    const { imports, code, exports } = read(path);
    const taken = imports.map(([names, from]) => `let{${names}}=${join(from)};`).join("");
    script += `let ${name}=(()=>{${taken}${code}return{${exports}}})();`;
    return name;
  }

  function read(path: string) {
    const [whole, imports = "", code = "", exports = ""] = MODULE.exec(modules.get(path) ?? "") ?? [];
    if (whole === undefined) throw new Error(`Cannot link ${path}: it is no module that esbuild has written`);
    return {
      imports: [...imports.matchAll(/(?:\{([^}]*)\}from)?"([^"]*)"/g)].map(([, names = "", from = ""]) =>
        [names.replaceAll(" as ", ":"), new URL(from, `file://${path}`).pathname] as const
      ),
      code: code.replaceAll(/\bimport\("[^"]*?(\/[^"/]*)"\)/g, `import("./${page}$1")`),
      exports: exports.split(",").map((one) => one.split(" as ").reverse().join(":")),
    };
  }

  const made = [...islands].map(([name, path]) =>
    `${name}=${join(path)}.${name === "boot" ? name : "default"}`
  );
  const known = [...joined.values()];
  const shared = script.includes("import(") ? `export{${known}};` : "";
  if (later === undefined) return `${script}export let ${made};${shared}`;
  script = "";
  const name = join(later);
  const names = read(later).exports.map((one) => one.replace(/:.*/, ""));
  return `import{${known}}from"../${page}.js";${script}export let{${names}}=${name};`;
}
