import { assertEquals, assertRejects } from "@std/assert";
import { FileLab } from "../../testing/cleanup-setup.ts";
import { allowedDirectory, DirectoryRefusedError, isWithin } from "./allowed-directory.ts";

const OUTSIDE = "it is outside of the directories in CLEANUP_DIRECTORIES";

async function refuse(directory: string, allowed: string[], reason: string): Promise<void> {
  const message = `Cannot delete files in ${JSON.stringify(directory)}: ${reason}`;
  await assertRejects(() => allowedDirectory(directory, allowed, Deno), DirectoryRefusedError, message);
}

Deno.test("allowedDirectory() takes an allowed directory and those below", async () => {
  using lab = new FileLab();
  const root = lab.directory("root");
  const below = lab.directory("root/a/b c");
  const other = lab.directory("other");

  assertEquals(await allowedDirectory(root, [root], Deno), root);
  assertEquals(await allowedDirectory(below, [root], Deno), below);
  assertEquals(await allowedDirectory(other, [root, other], Deno), other);
  assertEquals(await allowedDirectory(`${root}/a/./../a//b c/`, [`${root}/`], Deno), below);
});

Deno.test("allowedDirectory() reads a relative path from where the process was started", async () => {
  const here = Deno.realPathSync(".");

  assertEquals(await allowedDirectory(".", ["."], Deno), here);
  assertEquals(await allowedDirectory(here, ["."], Deno), here);
  await refuse("..", ["."], OUTSIDE);
});

Deno.test("allowedDirectory() refuses everything while nothing is allowed, and says what would allow it", async () => {
  await refuse("/tmp", [], "no directory is allowed; CLEANUP_DIRECTORIES names those that are");
});

Deno.test("allowedDirectory() refuses what lies outside", async () => {
  using lab = new FileLab();
  const root = lab.directory("data/tmp");
  lab.directory("data/tmp2");
  lab.directory("data/tm");

  for (
    const outside of [
      lab.path("data/tmp2"),
      lab.path("data/tm"),
      lab.path("data"),
      lab.root,
      "/",
      "/etc",
      `${root}/..`,
      `${root}/../tmp2`,
      `${root}/a/../../../..`,
      "../../../../etc",
      "~",
      `file://${root}`,
    ]
  ) await refuse(outside, [root], OUTSIDE);
});

Deno.test("allowedDirectory() does not tell what there is outside", async () => {
  using lab = new FileLab();
  const root = lab.directory("root");
  lab.directory("there");

  await refuse(lab.path("there"), [root], OUTSIDE);
  await refuse(lab.path("missing"), [root], OUTSIDE);
});

Deno.test("allowedDirectory() refuses a directory that a symlink leads out to", async () => {
  using lab = new FileLab();
  const root = lab.directory("root");
  lab.directory("outside/below");
  lab.directory("root2");
  lab.link("root/out", lab.path("outside"));
  lab.link("root/up", "..");
  lab.link("root/sibling", lab.path("root2"));

  for (const name of ["out", "out/below", "up", "up/outside", "sibling"]) {
    await refuse(`${root}/${name}`, [root], OUTSIDE);
  }
});

Deno.test("allowedDirectory() gives the true path of what a symlink leads to inside", async () => {
  using lab = new FileLab();
  const root = lab.directory("root");
  const inside = lab.directory("root/inside");
  lab.link("root/alias", inside);

  assertEquals(await allowedDirectory(`${root}/alias`, [root], Deno), inside);
});

Deno.test("allowedDirectory() takes an allowed directory that is itself a symlink for what it leads to", async () => {
  using lab = new FileLab();
  const real = lab.directory("real");
  const below = lab.directory("real/below");
  const root = lab.link("root", real);
  lab.directory("outside");
  lab.link("real/out", lab.path("outside"));

  assertEquals(await allowedDirectory(root, [root], Deno), real);
  assertEquals(await allowedDirectory(`${root}/below`, [root], Deno), below);
  assertEquals(await allowedDirectory(below, [root], Deno), below);
  await refuse(`${root}/out`, [root], OUTSIDE);
  await refuse(`${root}/..`, [root], OUTSIDE);
});

Deno.test("allowedDirectory() gives null for a directory that is not there", async () => {
  using lab = new FileLab();
  const root = lab.directory("root");
  const file = lab.file("root/file", 0);
  lab.link("root/loose", lab.path("nowhere"));

  assertEquals(await allowedDirectory(`${root}/missing`, [root], Deno), null);
  assertEquals(await allowedDirectory(`${root}/loose`, [root], Deno), null);
  assertEquals(await allowedDirectory(`${file}/below`, [root], Deno), null);
  assertEquals(await allowedDirectory(lab.path("nowhere"), [lab.path("nowhere")], Deno), null);
});

Deno.test("allowedDirectory() refuses what is no directory", async () => {
  using lab = new FileLab();
  const root = lab.directory("root");
  const file = lab.file("root/file", 0);

  await refuse(file, [root], "it is no directory");
});

Deno.test("allowedDirectory() passes over other directories that Deno lets it not look at", async () => {
  using lab = new FileLab();
  const [open, closed] = [lab.directory("open"), lab.directory("closed")];
  const realPath: typeof Deno.realPath = (path) =>
    path === closed ? Promise.reject(new Deno.errors.NotCapable("no")) : Deno.realPath(path);
  const ask = (directory: string) => allowedDirectory(directory, [closed, open], { ...Deno, realPath });

  assertEquals(await ask(open), open);
  await assertRejects(() => ask(lab.root), DirectoryRefusedError, OUTSIDE);
  await assertRejects(() => ask(`${closed}/below`), Deno.errors.NotCapable);
});

Deno.test("isWithin() goes by whole names", () => {
  assertEquals(isWithin("/data/tmp", "/data/tmp"), true);
  assertEquals(isWithin("/data/tmp/a", "/data/tmp"), true);
  assertEquals(isWithin("/data/tmp2", "/data/tmp"), false);
  assertEquals(isWithin("/data", "/data/tmp"), false);
  assertEquals(isWithin("/data", "/"), true);
});
