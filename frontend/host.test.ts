import { assert, assertEquals } from "@std/assert";
import { Service } from "../backend/testing/service.ts";

/** What an app says of its dashboard that mounts it, run in a folder of its own with this `deno.json`. */
async function visitIn(config: object): Promise<string> {
  const folder = await Deno.makeTempDir();
  try {
    await Deno.writeTextFile(
      `${folder}/deno.json`,
      JSON.stringify({ unstable: ["kv", "bundle"], ...config }),
    );
    await Deno.writeTextFile(
      `${folder}/main.ts`,
      `import { createJobs } from ${JSON.stringify(new URL("../backend/mod.ts", import.meta.url))};
      const jobs = createJobs({ store: "memory:", authorize: () => "viewer" });
      const routes = jobs.routes();
      const page = await routes.request("/admin/queues");
      const text = await page.text();
      const [, script] = /from "([^"]+\\.js)"/.exec(text) ?? [];
      console.log(page.status, script === undefined ? text : (await routes.request(script)).status);
      await jobs.stop();`,
    );
    const run = new Deno.Command(Deno.execPath(), {
      args: ["run", "-A", "--no-check", "main.ts"],
      cwd: folder,
      env: { NO_COLOR: "1" },
    });
    const { stdout, stderr } = await run.output();
    return new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

const imports = {
  cronosaur: new URL("../backend/mod.ts", import.meta.url).href,
  hono: "npm:hono@^4.13.19",
};

Deno.test("An app with the two lines of the README has the dashboard, whatever its own JSX", async () => {
  const compilerOptions = { jsx: "react-jsx", jsxImportSource: "hono/jsx" };

  assertEquals((await visitIn({ imports, compilerOptions })).split("\n")[0], "200 200");
});

Deno.test("A service that is started where no deno.json leads to its imports says so", async () => {
  const folder = await Deno.makeTempDir();
  {
    await using service = new Service(folder, "main.ts");
    const response = await fetch(`${await service.url()}/admin/login`);
    const text = await response.text();

    assertEquals(response.status, 500);
    assert(text.startsWith("Cannot bundle the dashboard: there is no deno.json"), text);
  }
  await Deno.remove(folder, { recursive: true });
});

Deno.test("An app that compiles JSX in a way that no browser brings to life is told so", async () => {
  const said = await visitIn({ imports, compilerOptions: { jsx: "precompile", jsxImportSource: "preact" } });

  assert(said.includes("500") && said.includes('deno.json says "jsx": "precompile"'), said);
});
