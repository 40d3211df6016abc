/**
 * The examples of the documentation that are not TypeScript alone, run as a reader would run them. `deno test --doc`
 * runs the others.
 *
 * A block marked `sh run` runs in the folder of a service that was started there, all of a file in order; a `json`
 * block that follows shows what its last line printed, shortened. Blocks marked with a file's name make up an app in
 * a folder of its own.
 */
import { assert, assertEquals } from "@std/assert";
import { codeBlocks, difference } from "./markdown.ts";
import { serveLocally } from "./local-server.ts";
import { Service } from "./service.ts";
import { textOf } from "./sources.ts";

const ROOT = new URL("../../", import.meta.url).pathname;

/** Where readers find the service, their own app, and a receiver of their webhooks. */
const SERVICE = "http://127.0.0.1:8000";
const APP = "http://127.0.0.1:8080";
const RECEIVER = "https://example.com";

/** Tells the test which port the app has. */
const ANY_PORT = "{ port: 0, onListen: ({ port }) => console.log(`Listening on http://127.0.0.1:${port}`) }";

/** What an example may count on, as in the shell of a reader who has Deno. */
const PRELUDE = `set -euo pipefail\ndeno() { "${Deno.execPath()}" "$@"; }\n`;

/** Stands before what each block prints. */
const MARK = "\x1e";

const needed = ["bash", "curl"].filter((program) => !isInstalled(program));

/** A test of what needs programs that may be missing. */
function testInShell(name: string, test: (folder: string) => Promise<void>): void {
  const missing = needed.length === 0 ? "" : ` (skipped: there is no ${needed.join(" and no ")})`;
  Deno.test({
    name: name + missing,
    ignore: needed.length > 0,
    async fn() {
      const folder = await Deno.makeTempDir({ prefix: "cronosaur-docs-" });
      try {
        await test(folder);
      } finally {
        await Deno.remove(folder, { recursive: true });
      }
    },
  });
}

for (const file of ["README.md", "docs/BACKGROUND_JOBS.md", "docs/SCHEDULING.md"]) {
  testInShell(`The commands of ${file} do what it says`, async (folder) => {
    await using receiver = serveLocally(() => new Response());
    await using service = new Service(folder, "main.ts", [], { ALLOW_PRIVATE_URLS: "true" });
    const blocks = codeBlocks(textOf(file));
    const commands = blocks.filter(({ info }) => /^sh run\b/.test(info));
    assert(commands.length > 0);
    const script = commands.map(({ info, text }) => `printf '${MARK}'\n${curl(info)}\n${text}`).join("");
    const replace = [[SERVICE, await service.url()], [RECEIVER, receiver.origin]] as const;

    const [, ...printed] = (await runShell(script, folder, replace)).split(MARK);

    for (const [i, command] of commands.entries()) {
      const shown = blocks[blocks.indexOf(command) + 1];
      if (shown?.info !== "json") continue;
      const wrong = difference(lastJson(printed[i] ?? ""), JSON.parse(shown.text));
      assertEquals(wrong, null, `${file}:${shown.line} is not what came: ${printed[i]}`);
    }
  });
}

/** A request that is refused fails its block, unless that is marked `refused`. It would not in a reader's shell. */
function curl(info: string): string {
  const fail = info.includes("refused") ? "" : "--fail-with-body";
  return `curl() { command curl ${fail} --max-time 30 "$@"; }`;
}

testInShell("The app of README.md works in a folder of its own, and stops gracefully", async (folder) => {
  const [config, app, request] = ["json deno.json", "ts ignore main.ts", "sh main.ts"].map((info) => {
    return codeBlocks(textOf("README.md")).find((block) => block.info === info)?.text ?? "";
  });
  assert(config && app && request);
  Deno.writeTextFileSync(`${folder}/deno.json`, config.replaceAll("../cronosaur/", ROOT));
  Deno.writeTextFileSync(`${folder}/main.ts`, app.replace("{ port: 8080 }", ANY_PORT));
  Deno.copyFileSync(`${ROOT}deno.lock`, `${folder}/deno.lock`); // or the registry would be asked what is newest
  await using service = new Service(folder, `${folder}/main.ts`);
  const origin = await service.url();

  const tokens = Deno.readTextFileSync(`${folder}/data/tokens.env`); // there before anybody asks
  const printed = await runShell(request, folder, [[APP, origin]]);
  const { id } = JSON.parse(printed) as { id: string };
  const get = (path: string, token: string) =>
    fetch(origin + path, { headers: { Authorization: `Bearer ${token}` } });
  assertEquals((await (await get("/api/admin/jobs", "wrong")).json()).code, "unauthorized");
  const [, viewer = ""] = /^VIEWER_TOKEN=(.*)$/m.exec(tokens) ?? [];
  const job = await (await get(`/api/admin/jobs/${id}?wait=10s`, viewer)).json();
  service.kill("SIGINT");
  const { code, stderr } = await service.ended;

  assertEquals([job.status, job.result], ["completed", { sent: "ada@example.com" }]);
  assertEquals(code, 0, stderr);
});

/** Runs `script` in `folder`. @returns What it printed. */
async function runShell(
  script: string,
  folder: string,
  replace: readonly (readonly [string, string])[],
): Promise<string> {
  const text = replace.reduce((made, [from, to]) => made.replaceAll(from, to), PRELUDE + script);
  const { code, stdout, stderr } = await new Deno.Command("bash", {
    args: ["-c", text],
    cwd: folder,
    stdin: "null",
  }).output();
  const decoder = new TextDecoder();
  const printed = decoder.decode(stdout);
  assertEquals(code, 0, `It fails: ${decoder.decode(stderr)}${printed.slice(printed.lastIndexOf(MARK))}`);
  return printed;
}

/** The last JSON value of what commands printed, one behind the other without a line break between. */
function lastJson(printed: string): unknown {
  for (let at = printed.lastIndexOf("{"); at >= 0; at = printed.lastIndexOf("{", at - 1)) {
    try {
      const value: unknown = JSON.parse(printed.slice(at));
      if (at === 0 || printed[at - 1] === "}" || printed[at - 1] === "\n") return value;
    } catch {
      // A part of a larger value.
    }
  }
  return undefined;
}

function isInstalled(program: string): boolean {
  try {
    return new Deno.Command(program, { args: ["--version"], stdout: "null", stderr: "null" }).outputSync()
      .success;
  } catch {
    return false;
  }
}
