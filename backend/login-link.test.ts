import { assert, assertEquals } from "@std/assert";
import { type LoginLinkOptions, offerLoginLink } from "./login-link.ts";
import { digestOf } from "./routes/middleware/known-tokens.ts";
import { Sessions } from "./lib/sessions.ts";
import { Service } from "./testing/service.ts";
import { TestLog, TestQueue } from "./testing/test-queue.ts";

const URL = "http://127.0.0.1:8000/ops";

async function setup(
  test: (offer: (options: Partial<LoginLinkOptions>) => Promise<void>, parts: {
    queue: TestQueue;
    log: TestLog;
    folder: string;
  }) => Promise<void>,
): Promise<void> {
  const folder = await Deno.makeTempDir();
  await using queue = new TestQueue();
  const log = new TestLog();
  const file = `${folder}/data/login-link.txt`;
  const offer = (options: Partial<LoginLinkOptions>) => {
    return offerLoginLink({ queue, token: "admin-token", url: URL, log, show: null, file, ...options });
  };
  try {
    await test(offer, { queue, log, folder });
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

async function roleOf(queue: TestQueue, link: string): Promise<string | undefined> {
  const digest = await digestOf("admin-token");
  const [, code = ""] = /^http:\/\/127\.0\.0\.1:8000\/ops\/admin\/login#([\w-]{22})$/.exec(link) ?? [];
  return (await new Sessions(queue.host()).redeem(code, () => digest))?.role;
}

Deno.test("offerLoginLink() shows a terminal a link that signs in, and writes it nowhere", async () => {
  await setup(async (offer, { queue, log, folder }) => {
    const shown: string[] = [];
    await offer({ show: (line) => shown.push(line) });

    const link = shown[0]?.split(" ").at(-1) ?? "";
    assertEquals([shown.length, await roleOf(queue, link)], [1, "admin"]);
    assertEquals(log.lines, []);
    assertEquals(await Array.fromAsync(Deno.readDir(folder)), []);
  });
});

Deno.test("offerLoginLink() without a terminal writes a file that its owner alone can read, and logs no code", async () => {
  await setup(async (offer, { queue, log, folder }) => {
    await offer({});
    await offer({}); // the next start

    const file = `${folder}/data/login-link.txt`;
    const link = (await Deno.readTextFile(file)).trim();
    assertEquals((await Deno.stat(file)).mode! & 0o777, 0o600);
    assertEquals((await Array.fromAsync(Deno.readDir(`${folder}/data`))).length, 1);
    assert(!JSON.stringify(log.lines).includes(link.split("#")[1] ?? ""));
    assertEquals(log.lines[0]?.fields, { file });
    assertEquals(await roleOf(queue, link), "admin");
  });
});

Deno.test("offerLoginLink() makes none where it could neither be shown nor written", async () => {
  await setup(async (offer, { queue, log, folder }) => {
    await offer({ file: null });
    assertEquals((await queue.store.records("session")).length, 0);
    await Deno.writeTextFile(`${folder}/data`, "no folder");
    await offer({});

    assertEquals(log.lines.map(({ level }) => level), ["warn"]); // the service starts nevertheless
  });
});

Deno.test("offerLoginLink() leaves no codes of former starts behind", async () => {
  await setup(async (offer, { queue }) => {
    for (let i = 0; i < 5; i++) {
      await offer({});
      queue.clock.advance(10 * 60_000);
    }

    assertEquals((await queue.store.records("session")).length, 1);
  });
});

Deno.test("A service writes the link and logs no secret; link and session work in all its processes, once", async () => {
  await setup(async (_, { folder }) => {
    await using first = new Service(folder, "main.ts");
    const here = await first.url();
    await first.said(/data\/login-link\.txt/);
    const file = await Deno.readTextFile(`${folder}/data/login-link.txt`);
    const [, origin, secret = ""] = /^(.*)\/admin\/login#(.*)\n$/.exec(file) ?? [];
    assertEquals(origin, here);
    await using second = new Service(folder, "main.ts");
    const there = await second.url();

    const signIn = (url: string) => {
      const body = new URLSearchParams({ secret });
      return fetch(`${url}/admin/login`, {
        method: "POST",
        body,
        headers: { Origin: url },
        redirect: "manual",
      });
    };
    const answers = await Promise.all([here, there, here, there].map(signIn));
    for (const answer of answers) await answer.body?.cancel();
    assertEquals(answers.map(({ status }) => status).sort(), [303, 401, 401, 401]);
    const signedIn = answers.find(({ status }) => status === 303);
    const Cookie = signedIn?.headers.get("Set-Cookie")?.split(";")[0] ?? "";

    const ask = async (url: string, method: string, path: string) => {
      const answer = await fetch(url + path, { method, headers: { Cookie, Origin: url } });
      await answer.body?.cancel();
      return answer.status;
    };
    const jobs = "/api/admin/jobs";
    assertEquals([await ask(here, "GET", jobs), await ask(there, "GET", jobs)], [200, 200]);
    assertEquals(await ask(there, "DELETE", "/api/admin/session"), 204);
    assertEquals([await ask(here, "GET", jobs), await ask(there, "GET", jobs)], [401, 401]);

    const said: string[] = [];
    for (const service of [first, second]) {
      service.kill("SIGTERM");
      const { stdout, stderr } = await service.ended;
      said.push(stdout, stderr);
    }
    for (const hidden of [secret, Cookie.split("=")[1] ?? ""]) assert(!said.join().includes(hidden));
  });
});
