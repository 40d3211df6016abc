import { assertEquals } from "@std/assert";
import { Hono } from "hono";
import { type Dashboard, dashboardRoutes, PageServer } from "./dashboard.ts";

const PAGE: Dashboard = () => Promise.resolve({ response: new Response("a page"), isKnown: true });

/** A host app with a dashboard for each of its customers, and where it was loaded for, first `load` and then a page. */
function setup(...loads: (() => Promise<Dashboard>)[]) {
  const loaded: string[] = [];
  const pages = new PageServer({
    authorize: () => "viewer",
    count: () => {},
    hasLogin: false,
    version: "1.0.0",
    store: () => Promise.resolve(null),
    complete: () => {},
    ask: () => new Response(null, { status: 404 }),
    basePath: "/",
    load(mount) {
      loaded.push(mount);
      return loads.shift()?.() ?? Promise.resolve(PAGE);
    },
  });
  const app = new Hono().route("/:customer", dashboardRoutes({ pages, guard: (_, next) => next() }));
  app.onError((error, c) => c.text(error.message, 500));
  const visit = async (customer: string) => (await app.request(`/${customer}/admin`)).status;
  return { loaded, visit };
}

Deno.test("The dashboard is loaded once for each place it is mounted at, as long as these are no more than 20", async () => {
  const { loaded, visit } = setup();
  const customers = Array.from({ length: 20 }, (_, n) => `customer-${n}`);
  const twenty = customers.map((customer) => `/${customer}`);

  for (const customer of [...customers, ...customers]) await visit(customer);
  assertEquals(loaded, twenty);
  for (const customer of ["one-more", "customer-0", "one-more"]) await visit(customer);

  assertEquals(loaded, [...twenty, "/one-more", "/customer-0"]); // those before were forgotten
});

Deno.test("A dashboard that could not be loaded is loaded anew at the next visit", async () => {
  const { loaded, visit } = setup(() => Promise.reject(new Error("There are too many open files")));

  const statuses = [await visit("a"), await visit("a"), await visit("a")];

  assertEquals([statuses, loaded], [[500, 200, 200], ["/a", "/a"]]);
});
