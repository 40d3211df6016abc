import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import type { Job } from "../../lib/job.ts";
import { CleanupSetup, DAY, FileLab } from "../../testing/cleanup-setup.ts";
import type { OldFilesResult } from "./old-files.ts";

function resultOf(job: Job): OldFilesResult {
  assertEquals(job.status, "completed", job.errors[0]?.message);
  return job.result as OldFilesResult;
}

Deno.test("cleanup:old-files deletes files that have not changed for so long, at any depth", async () => {
  using lab = new FileLab();
  const root = lab.directory("root");
  lab.file("root/old", 2, "12345");
  lab.file("root/new", 0.5);
  lab.file("root/a/b/c/old", 400, "123");
  lab.file("root/a/b/c/new", 0.999);
  lab.file("root/a/.hidden", 2, "");
  lab.file("outside", 400);
  await using setup = new CleanupSetup(lab, { directories: [root] });

  const job = await setup.oldFiles(root);

  assertEquals(resultOf(job), { deleted: 3, bytes: 8, kept: 2, failed: 0, dryRun: false });
  assertEquals(lab.all("root"), ["root/a", "root/a/b", "root/a/b/c", "root/a/b/c/new", "root/new"]);
  assertEquals(lab.all().includes("outside"), true);
  assertEquals(job.progress?.percent, 100);
  assertEquals(job.progress?.note, "8 looked at, 3 deleted");
});

Deno.test("cleanup:old-files deletes a file from the very millisecond on at which it is old enough", async () => {
  using lab = new FileLab();
  const root = lab.directory("root");
  lab.file("root/a", 1);
  await using setup = new CleanupSetup(lab, { directories: [root] });

  lab.clock.advance(-1);
  assertEquals(resultOf(await setup.oldFiles(root)).deleted, 0);
  lab.clock.advance(1);
  assertEquals(resultOf(await setup.oldFiles(root)).deleted, 1);
});

Deno.test("cleanup:old-files takes parts of days, and 0 for all files but those of the future", async () => {
  using lab = new FileLab();
  const root = lab.directory("root");
  lab.file("root/a", 0.6);
  lab.file("root/b", 0.4);
  lab.file("root/c", 0);
  lab.file("root/d", -1);
  await using setup = new CleanupSetup(lab, { directories: [root] });

  assertEquals(resultOf(await setup.oldFiles(root, { olderThanDays: 0.5 })).deleted, 1);
  assertEquals(resultOf(await setup.oldFiles(root, { olderThanDays: 0 })).deleted, 2);
  assertEquals(lab.all("root"), ["root/d"]);
});

Deno.test("cleanup:old-files leaves symlinks, and what they lead to", async () => {
  using lab = new FileLab();
  const root = lab.directory("root");
  lab.file("outside/file", 400);
  lab.link("root/to-file", lab.path("outside/file"));
  lab.link("root/to-directory", lab.path("outside"));
  lab.link("root/to-itself", root);
  lab.link("root/to-nothing", lab.path("nothing"));
  const before = lab.all();
  await using setup = new CleanupSetup(lab, { directories: [root] });

  const job = await setup.oldFiles(root, { olderThanDays: 0 });

  assertEquals(resultOf(job), { deleted: 0, bytes: 0, kept: 4, failed: 0, dryRun: false });
  assertEquals(lab.all(), before);
});

Deno.test({
  name: "cleanup:old-files leaves what is no file: sockets and pipes",
  ignore: Deno.build.os === "windows",
  async fn() {
    using lab = new FileLab();
    const root = lab.directory("root");
    const pipe = new Deno.Command("mkfifo", { args: [`${root}/pipe`] }).outputSync();
    assert(pipe.success);
    using _socket = Deno.listen({ transport: "unix", path: `${root}/socket` });
    lab.file("root/old", 2);
    await using setup = new CleanupSetup(lab, { directories: [root] });

    const job = await setup.oldFiles(root, { olderThanDays: 0 });

    assertEquals(resultOf(job), { deleted: 1, bytes: 4, kept: 2, failed: 0, dryRun: false });
    assertEquals(lab.all("root"), ["root/pipe", "root/socket"]);
  },
});

Deno.test("cleanup:old-files in a dry run deletes nothing and lists what it would", async () => {
  using lab = new FileLab();
  const root = lab.directory("root");
  const old = ["root/a", "root/b/c", "root/line\nbreak"].map((name) => lab.file(name, 2));
  lab.file("root/new", 0);
  const before = lab.all();
  await using setup = new CleanupSetup(lab, { directories: [root] });

  const job = await setup.oldFiles(root, { dryRun: true });

  assertEquals(resultOf(job), { deleted: 3, bytes: 12, kept: 1, failed: 0, dryRun: true });
  assertEquals(lab.all(), before);
  const listed = (await setup.logged(job, "Would delete")).flatMap(({ fields }) => fields?.files as string[]);
  assertEquals(listed.sort(), old.sort());
});

Deno.test("cleanup:old-files lists the first thousand files of a dry run, however long their names", async () => {
  using lab = new FileLab();
  const root = lab.directory("root");
  for (let n = 0; n < 1_010; n++) lab.file(`root/${"x".repeat(n % 200)}-${n}`, 2);
  await using setup = new CleanupSetup(lab, { directories: [root] });

  const job = await setup.oldFiles(root, { dryRun: true });

  assertEquals(resultOf(job).deleted, 1_010);
  const listed = (await setup.logged(job, "Would delete")).flatMap(({ fields }) => fields?.files as string[]);
  assertEquals(new Set(listed).size, 1_000);
});

Deno.test("cleanup:old-files deletes a file whatever its name is", async () => {
  using lab = new FileLab();
  const root = lab.directory("root");
  for (const name of ["line\nbreak", " ", "-rf", "*", "a'b\"c", "ключ 🚀", "\\", "x".repeat(255)]) {
    lab.file(`root/${name}`, 2);
  }
  await using setup = new CleanupSetup(lab, { directories: [root] });

  assertEquals(resultOf(await setup.oldFiles(root)).deleted, 8);
  assertEquals(lab.all("root"), []);
});

Deno.test("cleanup:old-files counts and logs what it cannot read or delete, and goes on", async () => {
  using lab = new FileLab();
  const root = lab.directory("root");
  for (const name of ["a", "locked", "unreadable", "z", "closed/x", "open/x"]) lab.file(`root/${name}`, 2);
  const refuse = (path: string | URL, name: string) => {
    if (String(path).endsWith(name)) throw new Deno.errors.PermissionDenied(`no ${name}`);
  };
  await using setup = new CleanupSetup(lab, { directories: [root] }, {
    lstat: async (path) => (refuse(path, "unreadable"), await Deno.lstat(path)),
    remove: async (path) => (refuse(path, "locked"), await Deno.remove(path)),
    readDir: (path) => (refuse(path, "closed"), Deno.readDir(path)),
  });

  const job = await setup.oldFiles(root);

  assertEquals(resultOf(job), { deleted: 3, bytes: 12, kept: 0, failed: 3, dryRun: false });
  assertEquals(lab.all("root").filter((path) => !/(closed|open)$/.test(path)), [
    "root/closed/x",
    "root/locked",
    "root/unreadable",
  ]);
  const lines = await setup.logged(job, "Cannot clean up, leaving it");
  assertEquals(lines.map(({ fields }) => [fields?.path, fields?.reason]).sort(), [
    [`${root}/closed`, "no closed"],
    [`${root}/locked`, "no locked"],
    [`${root}/unreadable`, "no unreadable"],
  ]);
});

Deno.test("cleanup:old-files logs the first hundred failures only", async () => {
  using lab = new FileLab();
  const root = lab.directory("root");
  for (let n = 0; n < 130; n++) lab.file(`root/${n}`, 2);
  await using setup = new CleanupSetup(lab, { directories: [root] }, {
    remove: () => Promise.reject(new Deno.errors.PermissionDenied("no")),
  });

  const job = await setup.oldFiles(root);

  assertEquals(resultOf(job).failed, 130);
  assertEquals((await setup.logged(job, "Cannot clean up, leaving it")).length, 100);
});

Deno.test("cleanup:old-files says nothing of files that somebody else deletes meanwhile", async () => {
  using lab = new FileLab();
  const root = lab.directory("root");
  for (const name of ["a", "b", "c", "gone/x"]) lab.file(`root/${name}`, 2);
  await using setup = new CleanupSetup(lab, { directories: [root] }, {
    async lstat(path) {
      if (String(path).endsWith("a")) await Deno.remove(path);
      return await Deno.lstat(path);
    },
    async remove(path) {
      if (String(path).endsWith("b")) await Deno.remove(path);
      await Deno.remove(path);
    },
    readDir(path) {
      if (String(path).endsWith("gone")) Deno.removeSync(path, { recursive: true });
      return Deno.readDir(path);
    },
  });

  const job = await setup.oldFiles(root);

  assertEquals(resultOf(job), { deleted: 1, bytes: 4, kept: 0, failed: 0, dryRun: false });
  assertEquals(lab.all("root"), []);
});

Deno.test("cleanup:old-files counts a file whose name is no Unicode as one it cannot delete", async () => {
  using lab = new FileLab();
  const root = lab.directory("root");
  const file = lab.file("root/bad-\ufffd", 2);
  await using setup = new CleanupSetup(lab, { directories: [root] }, {
    lstat: (path) => path === file ? Promise.reject(new Deno.errors.NotFound("no")) : Deno.lstat(path),
  });

  assertEquals(resultOf(await setup.oldFiles(root)).failed, 1);
});

/** Puts a symlink to `target` in the place of `directory`. */
function swap(directory: string, target: string): void {
  Deno.renameSync(directory, `${directory}-moved`);
  Deno.symlinkSync(target, directory);
}

Deno.test("cleanup:old-files deletes nothing outside when a directory becomes a symlink while it is in it", async () => {
  using lab = new FileLab();
  const root = lab.directory("root");
  lab.file("root/sub/a", 2);
  lab.file("root/sub/b", 2);
  lab.file("outside/a", 2);
  lab.file("outside/b", 2);
  let swapped = false;
  await using setup = new CleanupSetup(lab, { directories: [root] }, {
    async lstat(path) {
      if (!swapped && String(path).startsWith(`${root}/sub/`)) {
        swapped = true;
        swap(`${root}/sub`, lab.path("outside"));
      }
      return await Deno.lstat(path);
    },
  });

  const job = await setup.oldFiles(root);

  assert(swapped);
  assertEquals(resultOf(job), { deleted: 0, bytes: 0, kept: 0, failed: 1, dryRun: false });
  assertEquals(lab.all("outside"), ["outside/a", "outside/b"]);
  const [line] = await setup.logged(job, "Cannot clean up, leaving it");
  assertStringIncludes(String(line?.fields?.reason), "it was replaced by a symlink meanwhile");
});

Deno.test("cleanup:old-files enters no directory that became a symlink after it was found", async () => {
  using lab = new FileLab();
  const root = lab.directory("root");
  lab.file("root/sub/a", 2);
  lab.file("outside/secret-name", 2);
  const entered: string[] = [];
  await using setup = new CleanupSetup(lab, { directories: [root] }, {
    async *readDir(path) {
      entered.push(String(path));
      yield* Deno.readDir(path);
      if (path === root) swap(`${root}/sub`, lab.path("outside"));
    },
  });

  const job = await setup.oldFiles(root, { dryRun: true });

  assertEquals(resultOf(job).failed, 1);
  assertEquals(entered, [root]);
});

Deno.test("cleanup:old-files fails if the directory itself is replaced, to look at it anew", async () => {
  using lab = new FileLab();
  const root = lab.directory("root");
  const files = lab.directory("root/files");
  lab.file("root/files/a", 2);
  lab.file("outside/a", 2);
  let swapped = false;
  await using setup = new CleanupSetup(lab, { directories: [root] }, {
    async lstat(path) {
      if (!swapped && path === `${files}/a`) {
        swapped = true;
        swap(files, lab.path("outside"));
      }
      return await Deno.lstat(path);
    },
  });

  const job = await setup.oldFiles(files);
  assertEquals([job.status, job.errors[0]?.name], ["retrying", "MovedError"]);
  lab.clock.advance(DAY);
  await setup.queue.drain();

  const again = await setup.queue.job(job.id);
  assertEquals([again.status, again.errors[1]?.name], ["failed", "DirectoryRefusedError"]);
  assertEquals(lab.all("outside"), ["outside/a"]);
});

Deno.test("cleanup:old-files leaves a file that became a symlink after it was found", async () => {
  using lab = new FileLab();
  const root = lab.directory("root");
  lab.file("root/a", 2);
  await using setup = new CleanupSetup(lab, { directories: [root] }, {
    lstat: async (path) => ({ ...await Deno.lstat(path), isFile: path === root, isSymlink: path !== root }),
  });

  assertEquals(resultOf(await setup.oldFiles(root)).kept, 1);
  assertEquals(lab.all("root"), ["root/a"]);
});

Deno.test("cleanup:old-files ends midway when it is cancelled; what is deleted stays so", async () => {
  using lab = new FileLab();
  const root = lab.directory("root");
  for (let n = 0; n < 10; n++) lab.file(`root/sub/${n}`, 2);
  for (let n = 0; n < 10; n++) lab.file(`root/other/${n}`, 2);
  let removed = 0;
  await using setup = new CleanupSetup(lab, { directories: [root] }, {
    async remove(path) {
      await Deno.remove(path);
      if (++removed === 3) await setup.queue.cancel("midway");
    },
  });
  await setup.queue.add("cleanup:old-files", { directory: root, olderThanDays: 1 }, { jobId: "midway" });

  await setup.queue.drain();

  const job = await setup.queue.job("midway");
  assertEquals(job.status, "cancelled");
  assertEquals(lab.all("root").length, 2 + 17);
  assertEquals(await setup.logged(job, "Cannot clean up, leaving it"), []);
});

Deno.test("cleanup:old-files tells how far it is, never more than all of it, never less than before", async () => {
  using lab = new FileLab();
  const root = lab.directory("root");
  for (let n = 0; n < 2_500; n++) lab.file(`root/${n % 7}/${n % 3}/${n}`, 2, "");
  await using setup = new CleanupSetup(lab, { directories: [root] });
  const percents: number[] = [];
  setup.queue.on("progress", (job) => {
    percents.push(job.progress?.percent ?? -1);
  });

  await setup.oldFiles(root);

  assertEquals(percents.length, 3);
  assertEquals(percents, percents.toSorted((a, b) => a - b));
  assert(percents[0]! > 0);
  assertEquals(percents.at(-1), 100);
});
