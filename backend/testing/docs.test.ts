/**
 * The examples of the documentation that are not TypeScript alone, run as a reader would run them. `deno test --doc`
 * runs the others.
 *
 * A block marked `sh run` runs in the folder of a service that was started there, all of a file in order. The block
 * that follows shows, shortened, what its last line printed: JSON, with the status before it (`// 201`) unless that is
 * any 2xx, or lines of `text` or `csv`. `sh run until job.failed` is for a stream: it ends behind the first event that
 * has this in a line. Blocks marked with a file's name make up an app in a folder of its own.
 */
import { assert, assertEquals } from "@std/assert";
import { type CodeBlock, codeBlocks, difference, lineDifference, shownAnswer } from "./markdown.ts";
import { serveLocally } from "./local-server.ts";
import { isInstalled } from "./programs.ts";
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

/** Stands before what each block prints, and around each status. */
const MARK = "\x1e";
const STATUS_MARK = "\x1f";

/** Marks of commands that are not run with the others of their file, and why. */
const NOT_RUN: Readonly<Record<string, string>> = {
  "sh main.ts": "a test of its own runs it, against the app of README.md",
};

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

for (const file of ["README.md", "docs/API.md", "docs/BACKGROUND_JOBS.md", "docs/SCHEDULING.md"]) {
  const blocks = codeBlocks(textOf(file));

  testInShell(`The commands of ${file} do what it says`, async (folder) => {
    await using receiver = serveLocally(receive);
    await using service = new Service(folder, "main.ts", [], { ALLOW_PRIVATE_URLS: "true" });
    const commands = blocks.filter(({ info }) => /^sh run\b/.test(info));
    assert(commands.length > 0);
    const script = commands.map(({ info, text }) =>
      `printf '${MARK}' | tee /dev/stderr\n${curl(info)}\n${text}`
    );
    const replace = [[SERVICE, await service.url()], [RECEIVER, receiver.origin]] as const;

    const { stdout, stderr } = await runShell(script.join(""), folder, replace);

    const printed = stdout.split(MARK).slice(1);
    const statuses = stderr.split(MARK).slice(1).map(statusesIn);
    for (const [i, command] of commands.entries()) {
      const shown = blocks[blocks.indexOf(command) + 1];
      const wrong = misfit(shown, { printed: printed[i] ?? "", statuses: statuses[i] ?? [] });
      assertEquals(wrong, null, `${file}:${command.line} answers otherwise: ${printed[i]}`);
    }
  });

  Deno.test(`Every curl of ${file} is run by a test`, () => {
    const unrun = blocks.filter(({ info, text }) => /^sh\b/.test(info) && /\bcurl\b/.test(text))
      .filter(({ info }) => !/^sh run\b/.test(info) && !Object.hasOwn(NOT_RUN, info));

    assertEquals(unrun.map(({ line }) => `${file}:${line}`), []);
  });
}

/** Whatever is sent to the receiver arrives, but for what goes to an address that it does not have. */
function receive(request: Request): Response {
  return new Response(null, { status: new URL(request.url).pathname === "/missing" ? 404 : 200 });
}

/** What the commands of a block led to. */
interface Outcome {
  printed: string;
  /** Of each request, in order. */
  statuses: readonly number[];
}

/** Says where an outcome is not what `shown`, the block behind the commands, says; null if nowhere. */
function misfit(shown: CodeBlock | undefined, { printed, statuses }: Outcome): string | null {
  const isJson = /^jsonc?$/.test(shown?.info ?? "");
  const { status, body } = shown !== undefined && isJson ? shownAnswer(shown) : { status: null, body: null };
  const expected = statuses.map((found, i) => {
    const isShown = status !== null && i === statuses.length - 1;
    return isShown ? status : found >= 200 && found < 300 ? found : "2xx";
  });
  const wrong = difference(statuses, expected, "status");
  if (wrong !== null) return wrong;
  if (status !== null && statuses.length === 0) return "status: shown, but nothing was asked for";
  if (isJson) return body === undefined ? null : difference(lastJson(printed), body);
  return /^(text|csv)$/.test(shown?.info ?? "") ? lineDifference(printed, shown?.text ?? "") : null;
}

/** Tells the status of each answer apart from what it says. A stream is left behind the event that is waited for. */
function curl(info: string): string {
  const command =
    `command curl --max-time 30 --write-out $'%{stderr}${STATUS_MARK}%{http_code}${STATUS_MARK}' "$@"`;
  const awaited = /\buntil (.+)$/.exec(info)?.[1];
  if (awaited === undefined) return `curl() { ${command}; }`;
  return `curl() {
    local line found=
    exec {stream}< <(exec ${command.replace(/^command /, "")})
    local pid=$!
    while IFS= read -r line <&$stream; do
      printf '%s\\n' "$line"
      case $line in *${awaited}*) found=1 ;; "") [ -z "$found" ] || break ;; esac
    done
    exec {stream}<&-
    kill $pid 2> /dev/null || true
    [ -n "$found" ] || { echo "The stream ended before ${awaited}" >&2; return 1; }
  }`;
}

function statusesIn(text: string): number[] {
  const pattern = new RegExp(`${STATUS_MARK}(\\d+)${STATUS_MARK}`, "g");
  return Array.from(text.matchAll(pattern), ([, status]) => Number(status));
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
  const { stdout } = await runShell(request, folder, [[APP, origin]]);
  const { id } = JSON.parse(stdout) as { id: string };
  const get = (path: string, token: string) =>
    fetch(origin + path, { headers: { Authorization: `Bearer ${token}` } });
  assertEquals((await (await get("/api/admin/jobs", "wrong")).json()).code, "unauthorized");
  const [, viewer = ""] = /^VIEWER_TOKEN=(.*)$/m.exec(tokens) ?? [];
  const job = await (await get(`/api/admin/jobs/${id}?wait=10s`, viewer)).json();
  const dashboard = await get("/admin/queues", viewer);
  assert((await dashboard.text()).includes("<h1>Queues</h1>"), `The dashboard answers ${dashboard.status}`);
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
): Promise<{ stdout: string; stderr: string }> {
  const text = replace.reduce((made, [from, to]) => made.replaceAll(from, to), PRELUDE + script);
  const { code, ...printed } = await new Deno.Command("bash", {
    args: ["-c", text],
    cwd: folder,
    stdin: "null",
  }).output();
  const [stdout, stderr] = [printed.stdout, printed.stderr].map((bytes) => new TextDecoder().decode(bytes));
  assert(stdout !== undefined && stderr !== undefined);
  const last = (printed: string) => printed.slice(printed.lastIndexOf(MARK));
  assertEquals(code, 0, `It fails: ${last(stderr)}${last(stdout)}`);
  return { stdout, stderr };
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
