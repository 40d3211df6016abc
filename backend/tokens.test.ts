import { assert, assertEquals, assertNotEquals, assertRejects } from "@std/assert";
import type { TokenConfig } from "./config.ts";
import { loadTokens } from "./tokens.ts";

const NONE: TokenConfig = { admin: null, viewer: null, producer: null };

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
    assertEquals(await Array.fromAsync(Deno.readDir(folder)), []);

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
    assertEquals((await Array.fromAsync(Deno.readDir(`${folder}/data`))).length, 1);
  });
});

Deno.test("loadTokens() in processes that start at once gives all of them the same tokens", async () => {
  await inFolder(async (file, folder) => {
    const all = await Promise.all(Array.from({ length: 20 }, () => loadTokens(NONE, file)));

    for (const tokens of all) assertEquals(tokens, all[0]);
    assertEquals((await Array.fromAsync(Deno.readDir(`${folder}/data`))).length, 1);
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
