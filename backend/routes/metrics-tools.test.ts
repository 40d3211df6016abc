/** What others make of `GET /metrics`: Prometheus' own checker, and the dashboard in the documentation. */
import { assert, assertEquals } from "@std/assert";
import { Api } from "../testing/api.ts";
import { isInstalled } from "../testing/programs.ts";
import { samplesOf } from "../testing/prometheus.ts";
import { textOf } from "../testing/sources.ts";

/** What is answered once there is something of everything. */
async function wholeText(): Promise<string> {
  await using api = new Api();
  api.queue.process('odd "type" \\', () => {});
  await api.queue.start();
  await api.scheduler.start();
  await api.queue.add('odd "type" \\', 1, { delay: 1000 });
  return (await api.call<string>("GET", "/metrics")).body;
}

const hasPromtool = isInstalled("promtool");

Deno.test({
  name: `promtool finds nothing wrong with the metrics${
    hasPromtool ? "" : " (skipped: there is no promtool)"
  }`,
  ignore: !hasPromtool,
  async fn() {
    const process = new Deno.Command("promtool", {
      args: ["check", "metrics"],
      stdin: "piped",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    const output = process.output();
    await new Blob([await wholeText()]).stream().pipeTo(process.stdin);
    const { code, stdout, stderr } = await output;
    const said = new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr);

    assertEquals([code, said], [0, ""]);
  },
});

Deno.test("Every metric has a help and a type, once, before its samples", async () => {
  const text = await wholeText();
  const told = (kind: string) =>
    [...text.matchAll(new RegExp(`^# ${kind} (\\w+) \\S`, "gm"))].map(([, name]) => name);
  const names = samplesOf(text).map(({ name }) => name.replace(/_(bucket|sum|count)$/, ""));

  assertEquals(told("HELP"), told("TYPE"));
  assertEquals([...new Set(names)], told("TYPE"));
  assertEquals(new Set(told("TYPE")).size, told("TYPE").length);
});

Deno.test("The Grafana dashboard shows only metrics and labels that there are, each metric of jobs somewhere", async () => {
  const samples = samplesOf(await wholeText());
  const names = new Set(samples.map(({ name }) => name));
  const dashboard = JSON.parse(textOf("docs/grafana/cronosaur.json"));
  const expressions: string[] = [
    ...dashboard.panels.flatMap((panel: { targets: { expr: string }[] }) =>
      panel.targets.map(({ expr }) => expr)
    ),
    ...dashboard.templating.list.map(({ query }: { query: string }) => query),
  ];
  const used = new Set(expressions.flatMap((text) => text.match(/\b(?:cronosaur|process)_\w+/g) ?? []));
  const labels = new Set(samples.flatMap(({ labels }) => Object.keys(labels)));
  const asked = new Set(
    expressions.flatMap((text) => [...text.matchAll(/by \(([\w, ]+)\)|[{,](\w+)=/g)])
      .flatMap(([, by, label]) => by?.split(", ") ?? [label ?? ""]),
  );

  assert(used.size > 15);
  assertEquals([...used].filter((name) => !names.has(name)), []);
  assertEquals([...asked].filter((name) => !labels.has(name) && !["job", "instance"].includes(name)), []);
  const shown = [...used].map((name) => name.replace(/_(bucket|sum|count)$/, ""));
  const missing = [...names].map((name) => name.replace(/_(bucket|sum|count)$/, ""))
    .filter((name) => name.startsWith("cronosaur_") && !shown.includes(name));
  assertEquals(missing, []);
});
