import { dirname, join, posix, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";

/** The repository's folder. */
export const ROOT = resolve(dirname(fileURLToPath(import.meta.url)), "../..");

/** Folders that hold nothing of ours. */
const FOREIGN = new Set([".git", "node_modules", "data", "coverage"]);

/** Every file of the repository, by its path from there, parts joined by "/". */
export function* allFiles(folder: string = ROOT): Generator<string> {
  for (const { name, isDirectory, isFile } of Deno.readDirSync(folder)) {
    if (isDirectory && !FOREIGN.has(name)) yield* allFiles(join(folder, name));
    if (isFile) yield relative(ROOT, join(folder, name)).replaceAll("\\", "/");
  }
}

/** The text of a file of the repository. */
export function textOf(path: string): string {
  return Deno.readTextFileSync(join(ROOT, path));
}

/** What a source names that it needs. */
export interface Imports {
  /** Files of the repository, by their paths from there. */
  files: string[];
  /** Everything else: `hono`, `node:path`. */
  packages: string[];
}

/** The imports of a source, static and dynamic, types too. */
export function importsOf(path: string, code: string = withoutComments(textOf(path))): Imports {
  const found: Imports = { files: [], packages: [] };
  const pattern =
    /^[ \t]*(?:import|export)\s(?:[^"'`;=()]*?\bfrom\s*)?["']([^"'\n]+)["']|\bimport\(\s*["']([^"'\n]+)["']/gm;
  for (const [, from, other] of code.matchAll(pattern)) {
    const name = from ?? other ?? "";
    if (name.startsWith(".")) found.files.push(posix.join(posix.dirname(path), name));
    else found.packages.push(name);
  }
  return found;
}

/** `code` without its comments, and without what stands in its texts if `texts` is false. */
export function withoutComments(code: string, texts = true): string {
  // In order: comments; texts of each kind (a template's ${…} goes with it); a regular expression where one may stand.
  const pattern =
    /(\/\/[^\n]*|\/\*[\s\S]*?\*\/)|("(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'|`(?:\\.|[^`\\])*`)|([=(,:;!&|?{}[+]\s*)(\/(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\\n[*])(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\\n[])*\/)/g;
  return code.replace(pattern, (whole, comment, text, before) => {
    if (comment !== undefined) return " ";
    if (text !== undefined) return texts ? whole : expressionsOf(text);
    return texts ? whole : `${before} `;
  });
}

/** The code inside a template's `${…}`, which is code like any other. */
function expressionsOf(text: string): string {
  if (!text.startsWith("`")) return '""';
  return `\`${Array.from(text.matchAll(/\$\{([^}]*)\}/g), ([, code]) => ` ${code} `).join("")}\``;
}
