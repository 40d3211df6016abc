import { assert, assertEquals } from "@std/assert";
import { Service } from "../../backend/testing/service.ts";
import { live, pause, type Start, testPage } from "./stage.ts";

/** Starts the app of the README, with the dashboard at `mount`, beside pages of its own. */
function startApp(mount: string): Start {
  return (folder, port) => {
    Deno.writeTextFileSync(
      `${folder}/deno.json`,
      JSON.stringify({
        unstable: ["kv", "bundle"],
        imports: {
          cronosaur: new URL("../../backend/mod.ts", import.meta.url).href,
          hono: "npm:hono@^4.13.19",
        },
      }),
    );
    Deno.writeTextFileSync(
      `${folder}/app.ts`,
      `import { Hono } from "hono";
      import { createJobs } from "cronosaur";

      const jobs = createJobs();
      jobs.queue.process("email:welcome", (job) => ({ sent: job.data.to }));
      const app = new Hono();
      app.post("/signup", async (c) => {
        const { email } = await c.req.json();
        return c.json({ id: await jobs.queue.add("email:welcome", { to: email }) }, 202);
      });
      app.get("/admin", (c) => c.text("the app's own admin"));
      app.get("/admin/users", (c) => c.text("the app's own users"));
      app.route(${JSON.stringify(mount)}, jobs.routes());
      app.get("/static/styles.css", (c) => c.text("the app's own style"));
      app.get("/admin/reports", (c) => c.text("the app's own reports"));
      app.notFound((c) => c.text("the app's own 404", 404));
      await jobs.start();
      Deno.serve({
        port: ${port},
        hostname: "127.0.0.1",
        onListen: ({ port }) => console.log(\`Listening on http://127.0.0.1:\${port}${
        mount === "/" ? "" : mount
      }\`),
      }, app.fetch);
      console.log("data/login-link.txt");`,
    );
    return new Service(folder, new URL(`file://${folder}/app.ts`).href);
  };
}

for (const mount of ["/", "/tools/jobs"]) {
  testPage(
    `An app that mounts the dashboard at ${mount} has it whole, and keeps its own paths`,
    async (stage) => {
      const { origin } = new URL(stage.url);
      const base = mount === "/" ? "" : mount;
      for (
        const [path, text] of [
          ["/admin", "the app's own admin"],
          ["/admin/users", "the app's own users"],
          ["/admin/reports", "the app's own reports"],
          ["/static/styles.css", "the app's own style"],
          ["/nowhere", "the app's own 404"],
          ["/", "the app's own 404"],
        ]
      ) {
        assertEquals(await (await fetch(origin + path)).text(), text, path);
      }
      const signUp = async (email: string) => {
        const response = await fetch(`${origin}/signup`, { method: "POST", body: JSON.stringify({ email }) });
        return (await response.json() as { id: string }).id;
      };
      await signUp("ada@example.com");

      const page = await stage.look("/admin/jobs?type=email", { role: null });
      const asked: string[] = [];
      page.on("request", (request) => asked.push(new URL(request.url()).pathname));
      await page.locator("#secret").fill(stage.token("admin"));
      await page.getByRole("button", { name: "Sign in" }).click();
      await live(page);
      assertEquals(new URL(page.url()).pathname, `${base}/admin/jobs`);
      await page.getByText("Completed").first().waitFor();
      await signUp("grace@example.com");
      await page.getByRole("button", { name: "1 new job – show" }).click();
      await page.getByText("grace@example.com").waitFor();
      for (
        const [name, heading] of [
          ["Schedules", "Schedules"],
          ["Errors", "Errors"],
          ["Workers", "Workers"],
          ["Webhooks", "Webhooks"],
          ["Audit log", "Audit log"],
          ["Queues", "Queues"],
        ] as const
      ) {
        await page.getByRole("navigation", { name: "Pages" }).getByRole("link", { name }).click();
        await page.getByRole("heading", { name: heading, exact: true, level: 1 }).waitFor();
        await live(page);
      }
      await pause(page, "default");
      await page.locator("nav .flag", { hasText: "1 paused" }).waitFor();
      await page.getByRole("link", { name: "default" }).first().click();
      await live(page);
      const id = await signUp("joan@example.com");
      await page.getByRole("button", { name: "1 new job – show" }).click();
      await page.locator(`tr[data-id="${id}"]`).getByText("Queue is paused").waitFor();
      await page.locator(`tr[data-id="${id}"]`).getByRole("link").click();
      await page.waitForURL(`**${base}/admin/jobs/${id}?**`);
      await live(page);
      await page.keyboard.press("?");
      await page.getByRole("dialog", { name: "Keys" }).waitFor();
      await page.keyboard.press("Escape");
      await page.getByRole("button", { name: "Sign out" }).click();
      await page.getByRole("heading", { name: "Sign in" }).waitFor();
      assertEquals(new URL(page.url()).pathname, `${base}/admin/login`);

      const strays = asked.filter((path) => !/^\/(admin|api\/admin|_fresh)\//.test(path.slice(base.length)));
      assertEquals(strays, []);
      assert(asked.every((path) => path.startsWith(base)), asked.join("\n"));
    },
    startApp(mount),
  );
}
