import { assert, assertEquals, assertMatch } from "@std/assert";
import { Service } from "../testing/service.ts";

Deno.test("The demo shows its history in the dashboard to who signs in, and stops", async () => {
  const folder = await Deno.makeTempDir();
  try {
    await using demo = new Service(folder, "task:demo", ["--folder", folder, "--moments", "5"]);
    const url = await demo.url();
    const [, code = ""] = await demo.said(/\/admin\/login#(\S+)/);
    const body = new URLSearchParams({ secret: code });
    const headers = { Origin: url };
    const signedIn = await fetch(`${url}/admin/login`, { method: "POST", redirect: "manual", headers, body });
    await signedIn.body?.cancel();
    const [cookie = ""] = signedIn.headers.get("Set-Cookie")?.split(";") ?? [];

    const page = await fetch(`${url}/admin/jobs`, { headers: { Cookie: cookie } });
    assertEquals(page.status, 200);
    assertMatch(await page.text(), /search:index/);
    const workers = await ask<{ id: string; status: string }>(`${url}/api/admin/workers`, cookie);
    assert(workers.some(({ id, status }) => id === "worker-2" && status === "dead"));
    const old = new Date(Date.now() - 60 * 3_600_000).toISOString();
    assert((await ask(`${url}/api/admin/jobs?createdBefore=${old}`, cookie)).length > 0);

    demo.kill("SIGINT");
    assertEquals((await demo.ended).code, 0);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

async function ask<T = unknown>(url: string, cookie: string): Promise<T[]> {
  const response = await fetch(url, { headers: { Cookie: cookie } });
  const { data } = await response.json() as { data: T[] };
  return data;
}
