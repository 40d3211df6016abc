import { assertEquals } from "@std/assert";
import { Api } from "../testing/api.ts";
import { entriesOf, type Entry, scheduled, waiting } from "../testing/audit-entries.ts";
import type { JobView } from "./job-view.ts";

const JOBS = "/api/admin/jobs";
const SCHEDULES = "/api/admin/schedules";

/** What each entry of `action` says has changed, in whatever order the requests were done. */
async function sidesOf(api: Api, action: string): Promise<Entry["before"][][]> {
  const entries = await entriesOf(api, `?action=${action}`);
  const sides = entries.map(({ before, after }) => [before, after]);
  return sides.sort((a, b) => JSON.stringify(b) < JSON.stringify(a) ? 1 : -1);
}

Deno.test("Of two changes of a job at once each entry says what its own request changed", async () => {
  await using api = new Api();
  await waiting(api);
  await Promise.all([5, 9].map((priority) => api.call("PATCH", `${JOBS}/j`, { body: { priority } })));

  const sides = await sidesOf(api, "job.update");
  const [first, second] = sides[0]?.[0]?.priority === 0 ? sides : sides.reverse();
  assertEquals([first?.[0], second?.[0]], [{ priority: 0 }, first?.[1]]);
});

Deno.test("The entry of a job says nothing of what others have changed just before", async () => {
  const requests = { cancel: ["POST", `${JOBS}/j/cancel`], retry: ["POST", `${JOBS}/j/retry`] };
  for (const [verb, request] of Object.entries({ ...requests, remove: ["DELETE", `${JOBS}/j`] })) {
    await using api = new Api();
    await waiting(api);
    if (verb === "retry") await api.queue.cancel("j");
    const { change } = api.store;
    api.store.change = async (...given) => {
      api.store.change = change;
      if (verb === "retry") await api.queue.retry("j");
      await api.queue.update("j", { priority: 7 });
      if (verb === "retry") await api.queue.cancel("j");
      return await api.store.change(...given);
    };
    const [method = "", path = ""] = request;
    assertEquals((await api.call<JobView>(method, path)).body.priority, 7);

    const [entry] = await entriesOf(api);
    const [before, after] = verb === "retry" ? ["cancelled", "pending"] : ["pending", "cancelled"];
    assertEquals([entry?.before?.status, entry?.after?.status], [before, after]);
    assertEquals([entry?.before?.priority, entry?.after?.priority], [undefined, undefined]);
  }
});

Deno.test("Of two changes of a schedule at once each entry says what its own request changed", async () => {
  await using api = new Api();
  await scheduled(api);
  const changes = [{ expression: "@hourly" }, { timezone: "Europe/Paris" }, { job: { data: 2 } }];
  await Promise.all(changes.map((body) => api.call("PATCH", `${SCHEDULES}/s`, { body })));

  const job = { type: "a", options: {} };
  assertEquals(await sidesOf(api, "schedule.update"), [
    [{ expression: "@daily" }, { expression: "@hourly" }],
    [{ job: { ...job, data: {} } }, { job: { ...job, data: 2 } }],
    [{ timezone: "UTC" }, { timezone: "Europe/Paris" }],
  ]);
});

Deno.test("Of two that disable a schedule at once one entry says that it was enabled", async () => {
  await using api = new Api();
  await scheduled(api);
  await Promise.all(["disable", "disable"].map((verb) => api.call("POST", `${SCHEDULES}/s/${verb}`)));
  await api.call("PATCH", `${SCHEDULES}/s`, { body: { enabled: false } }); // says what is so already

  const disabled = [{ enabled: true }, { enabled: false }];
  assertEquals(await sidesOf(api, "schedule.disable"), [[null, null], disabled]);
  assertEquals(await sidesOf(api, "schedule.update"), [[null, null]]);
});

Deno.test("The entry of a schedule that was removed holds it as it was then", async () => {
  await using api = new Api();
  await scheduled(api);
  const { commit } = api.store;
  api.store.commit = async (...change) => { // somebody changes it in between
    api.store.commit = commit;
    await api.scheduler.update("s", { expression: "@hourly" });
    await api.store.commit(...change);
  };
  await api.call("DELETE", `${SCHEDULES}/s`);

  const [[before, after] = []] = await sidesOf(api, "schedule.remove");
  assertEquals([before?.expression, after], ["@hourly", null]);
});

Deno.test("The entry of a schedule that was made holds it as it was made", async () => {
  await using api = new Api();
  const { commit } = api.store;
  api.store.commit = async (...change) => { // somebody removes it before the answer is made
    api.store.commit = commit;
    await api.store.commit(...change);
    await api.scheduler.remove("s");
  };
  const body = { name: "s", expression: "@daily", job: { type: "a" } };
  assertEquals((await api.call("POST", SCHEDULES, { body })).status, 201);

  const [[before, after] = []] = await sidesOf(api, "schedule.create");
  assertEquals([before, after?.expression], [null, "@daily"]);
});

Deno.test("Of two changes of a webhook at once each entry says what its own request changed", async () => {
  await using api = new Api();
  const url = "https://example.com/a";
  const path = "/api/admin/webhooks";
  const { body: { id } } = await api.call<{ id: string }>("POST", path, { body: { url } });
  await Promise.all([
    api.call("PATCH", `${path}/${id}`, { body: { description: "of shop" } }),
    api.call("PATCH", `${path}/${id}`, { body: { enabled: false } }),
    api.call("POST", `${path}/${id}/secret`),
  ]);
  await api.call("DELETE", `${path}/${id}`);

  assertEquals(await sidesOf(api, "webhook.update"), [
    [{ description: "" }, { description: "of shop" }],
    [{ enabled: true }, { enabled: false }],
  ]);
  const [[before, after] = []] = await sidesOf(api, "webhook.rotate");
  assertEquals([before, after].map((side) => Object.keys(side ?? {})), [["secrets"], ["secrets"]]);
  const [[last] = []] = await sidesOf(api, "webhook.remove");
  assertEquals([last?.description, last?.enabled], ["of shop", false]);
});
