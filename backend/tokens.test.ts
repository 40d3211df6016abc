import { assert, assertEquals, assertNotEquals, assertRejects } from "@std/assert";
import type { TokenConfig } from "./config.ts";
import { loadTokens } from "./tokens.ts";

const NONE: TokenConfig = { admin: null, viewer: null, producer: null };

/** What lies in the folder once the tokens are made. */
const FILES = ["tokens.env", "tokens.env.lock"];

async function namesIn(folder: string): Promise<string[]> {
  return (await Array.fromAsync(Deno.readDir(folder))).map(({ name }) => name).sort();
}

async function inFolder(test: (file: string, folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await test(`${folder}/data/tokens.env`, folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("loadTokens() makes three long tokens at first start and uses them from then on", async () => {
  await inFolder(async (file) => {
    const tokens = await loadTokens(NONE, file);

    assertEquals(new Set(Object.values(tokens)).size, 3);
    for (const token of Object.values(tokens)) assert(/^[\w-]{43}$/.test(token));
    assertEquals(await loadTokens(NONE, file), tokens);
  });
});

Deno.test("loadTokens() lets nobody else read the file, also when it was readable before", async () => {
  await inFolder(async (file) => {
    await loadTokens(NONE, file);
    assertEquals((await Deno.stat(file)).mode! & 0o777, 0o600);
    assertEquals((await Deno.stat(`${file}.lock`)).mode! & 0o777, 0o600);
    assertEquals((await Deno.stat(file.replace(/\/[^/]+$/, ""))).mode! & 0o777, 0o700);

    await Deno.chmod(file, 0o644);
    await loadTokens(NONE, file);
    assertEquals((await Deno.stat(file)).mode! & 0o777, 0o600);
  });
});

Deno.test("loadTokens() writes a file that a shell reads", async () => {
  await inFolder(async (file) => {
    const tokens = await loadTokens(NONE, file);

    const script = `. "$1" && printf '%s %s %s' "$ADMIN_TOKEN" "$VIEWER_TOKEN" "$ENQUEUE_TOKEN"`;
    const { stdout } = await new Deno.Command("sh", { args: ["-c", script, "sh", file] }).output();

    assertEquals(new TextDecoder().decode(stdout), `${tokens.admin} ${tokens.viewer} ${tokens.producer}`);
  });
});

Deno.test("loadTokens() prefers given tokens and writes none of them", async () => {
  await inFolder(async (file, folder) => {
    const all: TokenConfig = { admin: "admin-token", viewer: "viewer-token", producer: "enqueue-token" };
    assertEquals(await loadTokens(all, file), { ...all });
    assertEquals(await namesIn(folder), []);

    const tokens = await loadTokens({ ...NONE, admin: "admin-token" }, file);
    assertEquals(tokens.admin, "admin-token");
    assert(!(await Deno.readTextFile(file)).includes("ADMIN_TOKEN"));

    const later = await loadTokens(NONE, file);
    assertEquals([later.viewer, later.producer], [tokens.viewer, tokens.producer]);
    assertNotEquals(later.admin, "admin-token");
  });
});

Deno.test("loadTokens() keeps other lines, and tokens somebody wrote", async () => {
  await inFolder(async (file, folder) => {
    await Deno.mkdir(`${folder}/data`);
    await Deno.writeTextFile(file, `# ours\nexport VIEWER_TOKEN="viewer-token"\nOTHER=1`);

    const tokens = await loadTokens(NONE, file);

    assertEquals(tokens.viewer, "viewer-token");
    const text = await Deno.readTextFile(file);
    assert(text.startsWith(`# ours\nexport VIEWER_TOKEN="viewer-token"\nOTHER=1\nADMIN_TOKEN=`), text);
    assertEquals(await namesIn(`${folder}/data`), FILES);
  });
});

Deno.test("loadTokens() in processes that start at once gives all of them the same tokens", async () => {
  await inFolder(async (file, folder) => {
    const all = await Promise.all(Array.from({ length: 20 }, () => loadTokens(NONE, file)));

    for (const tokens of all) assertEquals(tokens, all[0]);
    assertEquals(await loadTokens(NONE, file), all[0]);
    assertEquals(await namesIn(`${folder}/data`), FILES);
  });
});

Deno.test("loadTokens() in processes that start at once makes a token that the file lacks once, and keeps the others", async () => {
  await inFolder(async (file) => {
    const first = await loadTokens(NONE, file);
    await Deno.writeTextFile(file, (await Deno.readTextFile(file)).replace(/^ADMIN_TOKEN=.*\n/m, ""));
    const all = await Promise.all(Array.from({ length: 20 }, () => loadTokens(NONE, file)));

    for (const tokens of all) assertEquals(tokens, { ...first, admin: all[0]!.admin });
    assertNotEquals(all[0]!.admin, first.admin);
    assertEquals(await loadTokens(NONE, file), all[0]);
  });
});

Deno.test("loadTokens() in processes that lack other tokens loses none of them", async () => {
  await inFolder(async (file) => {
    const given = { admin: "admin-token", viewer: "viewer-token", producer: "enqueue-token" };
    const lacks = (["admin", "viewer", "producer"] as const).map((role) => ({ ...given, [role]: null }));
    const [a, b, c] = await Promise.all(lacks.map((tokens) => loadTokens(tokens, file)));

    const kept = { admin: a!.admin, viewer: b!.viewer, producer: c!.producer };
    assertEquals(await loadTokens(NONE, file), kept);
  });
});

Deno.test("loadTokens() in three programs at once makes a token that the file lacks once", async () => {
  await inFolder(async (file) => {
    await loadTokens(NONE, file);
    await Deno.writeTextFile(file, (await Deno.readTextFile(file)).replace(/^ADMIN_TOKEN=.*\n/m, ""));
    const program = `
      const { loadTokens } = await import(${JSON.stringify(import.meta.resolve("./tokens.ts"))});
      console.log("ready");
      await Deno.stdin.read(new Uint8Array(1)); // until all are
      console.log(JSON.stringify(await loadTokens(${JSON.stringify(NONE)}, ${JSON.stringify(file)})));
    `;
    const args = ["eval", "--no-check", program];
    const programs = Array.from({ length: 3 }, () => {
      const child = new Deno.Command(Deno.execPath(), { args, stdin: "piped", stdout: "piped" }).spawn();
      return { child, said: child.stdout.pipeThrough(new TextDecoderStream()).values() };
    });
    for (const { said } of programs) assertEquals((await said.next()).value, "ready\n");
    for (const { child } of programs) await child.stdin.close();
    const told = await Promise.all(programs.map(async ({ child, said }) => {
      const text = (await Array.fromAsync(said)).join("");
      await child.status;
      return JSON.parse(text);
    }));

    const tokens = await loadTokens(NONE, file);
    assertEquals(told, [tokens, tokens, tokens]);
  });
});

Deno.test("loadTokens() names the line of a bad token, but does not show it", async () => {
  await inFolder(async (file, folder) => {
    await Deno.mkdir(`${folder}/data`);
    await Deno.writeTextFile(file, "# ours\nADMIN_TOKEN=hunter2\n");

    const error = await assertRejects(() => loadTokens(NONE, file), Error, "ADMIN_TOKEN in line 2 must be");

    assert(!error.message.includes("hunter2"));
    assertEquals(await Deno.readTextFile(file), "# ours\nADMIN_TOKEN=hunter2\n");
  });
});

Deno.test("loadTokens() says why it cannot write", async () => {
  await inFolder(async (_, folder) => {
    await Deno.writeTextFile(`${folder}/taken`, "");
    await assertRejects(() => loadTokens(NONE, `${folder}/taken/tokens.env`), Error, "Cannot");
  });
});
