import { assert, assertEquals } from "@std/assert";
import { Api } from "../testing/api.ts";
import { breakSchedule } from "../testing/broken-schedule.ts";
import { listSchedules, postSchedule, SCHEDULES } from "../testing/schedule-api.ts";
import type { ScheduleView } from "./schedule-view.ts";

Deno.test("GET /schedules shows neither jobs nor history, which each schedule has by itself", async () => {
  await using api = new Api();
  await postSchedule(api, { job: { type: "report", data: { n: 1 } } });

  const [listed] = (await listSchedules(api)).data;

  assertEquals([listed?.type, listed?.state], ["report", "active"]);
  for (const field of ["job", "code", "runs", "queued", "changes"]) {
    assert(!Object.hasOwn(listed ?? {}, field), field);
  }
});

Deno.test("GET /schedules tells how the last 20 runs of each ended, newest first", async () => {
  await using api = new Api();
  await postSchedule(api);
  const last = async () => (await listSchedules(api)).data[0]?.lastOutcomes;
  assertEquals(await last(), []);

  const first = await api.scheduler.trigger("nightly");
  await api.queue.cancel(first);
  api.clock.advance(1000);
  await api.scheduler.trigger("nightly");
  assertEquals(await last(), ["pending", "cancelled"]);
  for (let i = 0; i < 19; i++) await api.scheduler.trigger("nightly");
  assertEquals(await last(), Array(20).fill("pending"));
});

Deno.test("Secrets of a schedule's job are masked wherever it shows, and a mask sent back keeps them", async () => {
  await using api = new Api();
  const data = { url: "https://a", password: "hunter2", deep: [{ token: ["hunter2"] }] };
  const masked = { ...data, password: "[redacted]", deep: [{ token: "[redacted]" }] };
  const added = await postSchedule(api, { job: { type: "report", data } });
  const patch = (body: unknown) => api.call<ScheduleView>("PATCH", `${SCHEDULES}/nightly`, { body });

  const kept = await patch({ job: { data: { ...masked, url: "https://b" } } });
  assertEquals((await api.scheduler.get("nightly"))?.job?.data, { ...data, url: "https://b" });
  const long = await patch({ job: { data: { ...masked, note: "x".repeat(400) } } });
  const jobId = await api.scheduler.trigger("nightly");

  assertEquals(added.body.job?.data, masked);
  assertEquals(long.body.changes[0]?.after, { job: "[too long]" });
  const all = [
    added,
    kept,
    long,
    await api.call("GET", `${SCHEDULES}/nightly`),
    await api.call("GET", SCHEDULES),
  ];
  assert(!JSON.stringify(all).includes("hunter2"));
  assertEquals((await api.queue.get(jobId))?.data, { ...data, note: "x".repeat(400) });
});

Deno.test("A mask where nothing is stored is refused, as it would become the secret", async () => {
  await using api = new Api();
  const job = { type: "report", data: { list: [{ secret: "[redacted]" }] } };
  const at = [400, "invalid_input", "job.data.list[0].secret"] as [number, string, string];

  assertEquals(await api.refusal("POST", SCHEDULES, { body: { name: "a", expression: "@daily", job } }), at);
  await postSchedule(api);
  assertEquals(await api.refusal("PATCH", `${SCHEDULES}/nightly`, { body: { job } }), at);
  assertEquals((await listSchedules(api)).data.map(({ name }) => name), ["nightly"]);
});

Deno.test("A broken schedule can be looked at, mended and removed, and the others go on", async () => {
  await using api = new Api();
  await breakSchedule(api, "bad");
  await postSchedule(api);

  const { data } = await listSchedules(api);
  assertEquals(data.map(({ name, state }) => [name, state]), [["bad", "broken"], ["nightly", "active"]]);
  const { body: shown } = await api.call<ScheduleView>("GET", `${SCHEDULES}/bad`);
  assertEquals([shown.state, shown.description, shown.nextTickAt], ["broken", "", null]);
  assert(shown.broken?.includes("Cannot parse"));
  const { body: mended } = await api.call<ScheduleView>("PATCH", `${SCHEDULES}/bad`, {
    body: { expression: "0 5 * * *" },
  });
  assertEquals([mended.state, mended.broken], ["active", null]);
  await breakSchedule(api, "worse", { definition: 5 });
  assertEquals((await api.call<ScheduleView>("GET", `${SCHEDULES}/worse`)).body.state, "broken");
  assertEquals((await api.call("DELETE", `${SCHEDULES}/worse`)).status, 204);
});
