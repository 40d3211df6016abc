import { assertEquals, assertThrows } from "@std/assert";
import { PageScripts } from "./page-scripts.ts";

const MODULES = new Map([
  ["/fresh/client.js", 'import{a as t}from"../chunk-A.js";var e=()=>t.count;export{e as boot};\n'],
  ["/chunk-A.js", 'var e={count:1};function n(){return"export{x}"}export{e as a,n as b};\n'],
  ["/chunk-B.js", 'import"./chunk-A.js";var e=5;export{e as a};\n'],
  [
    "/islands/One.js",
    'import"../chunk-B.js";import{a as e,b as o}from"../chunk-A.js";var r=()=>(e.count++,o());export{r as default};\n',
  ],
  [
    "/islands/Two.js",
    'import{a as e}from"../chunk-A.js";var r=async()=>(await import("../Later-C.js")).Later(e);export{r as default};\n',
  ],
  [
    "/Later-C.js",
    'import{a as r}from"./chunk-B.js";import{a as e}from"./chunk-A.js";var t=n=>[n===e,r];export{t as Later};\n',
  ],
  ["/broken.js", "var e=1;"],
]);
const SOURCES = new Map([
  ["boot", "/app/fresh/client.ts"],
  ["One", "/app/islands/One.tsx"],
  ["Two", "/app/islands/Two.tsx"],
  ["Broken", "/app/broken.ts"],
]);
const scripts = new PageScripts(MODULES, SOURCES, "/js/1/");

/** Runs the script at `path`, and what it loads later, as a browser would. */
async function run(path: string) {
  const later = scripts.at(path.replace("/page.js", "/Later-C.js")) ?? "";
  const page = (scripts.at(path) ?? "").replace('import("./Later-C.js")', "globalThis.later()");
  const module = await import(`data:text/javascript,${encodeURIComponent(page)}`);
  const names = /^import\{(.*?)\}from"\.\/page\.js";/.exec(later);
  const rest = `let{${names?.[1]}}=globalThis.page;${later.slice(names?.[0].length)}`;
  Object.assign(globalThis, {
    page: module,
    later: () => import(`data:text/javascript,${encodeURIComponent(rest)}`),
  });
  return module;
}

Deno.test("A page's script has its islands, which share their modules", async () => {
  const path = scripts.pathOf(["Two", "One", "Two"]);
  const { boot, One, Two } = await run(path);

  assertEquals(path, "/js/1/One.Two/page.js");
  assertEquals([boot(), One(), boot()], [1, "export{x}", 2]);
  assertEquals(await Two(), [true, 5], "what comes later has the modules of the page, not others like them");
});

Deno.test("A script that comes later holds what its page lacks, and no more", () => {
  const holds = (path: string) => [...(scripts.at(path) ?? "").matchAll(/let (module\d+)=/g)].length;

  assertEquals([holds("/js/1/Two/page.js"), holds("/js/1/Two/Later-C.js")], [3, 2]);
  assertEquals([holds("/js/1/One.Two/page.js"), holds("/js/1/One.Two/Later-C.js")], [5, 1]);
});

Deno.test("Only scripts of this build's islands are found, each at one address", () => {
  const wrong = [
    "/js/1/Two.One/page.js",
    "/js/1/One.One/page.js",
    "/js/2/One/page.js",
    "/js/1/boot/page.js",
    "/js/1//page.js",
    "/js/1/page.js",
    "/js/1/One.js",
    "/js/1/One/page",
    "/js/1/One/",
  ];
  const wrongLater = [
    "/js/1/One/Later-D.js",
    "/js/2/Two/Later-C.js",
    "/js/1/Three/Later-C.js",
    "/js/1/One/a/b.js",
  ];
  for (const path of [...wrong, ...wrongLater, "/", ""]) assertEquals(scripts.at(path), undefined, path);
});

Deno.test("A module that is written otherwise is refused", () => {
  assertThrows(() => scripts.at("/js/1/Broken/page.js"), Error, "Cannot join /broken.js");
});
