import { assertEquals } from "@std/assert";
import { matches } from "../../lib/filter.ts";
import type { JobFilter } from "../../lib/store.ts";
import { makeJob } from "../../testing/factories.ts";
import { recordOf } from "./codec.ts";
import { createSieve } from "./sieve.ts";

const ODD = [
  "",
  "a",
  "A",
  '"',
  "\\",
  "\n",
  "é",
  "É",
  "İ",
  "ß",
  "Σ",
  "ΑΣ",
  "Α\nΣ",
  "\ud800",
  "日本",
  "null",
  "5",
  "true",
];

Deno.test("createSieve() lets every job through that meets the filter", () => {
  const types = ["mail", "mail:welcome", "mailing", 'odd"type'];
  const values: unknown[] = [...ODD, 5, 55, -0, 1e21, true, null, ["a", "5"], { a: "b" }];
  const filters: JobFilter[] = [
    ...types.map((type) => ({ type })),
    ...ODD.flatMap((text) => [
      { text },
      { tag: text },
      { createdBy: text },
      ...["v", "v.a", "v.0", 'v"'].map((path) => ({ data: [{ path, value: text }] })),
    ]),
    { data: [{ path: "v", value: "1e+21" }] },
    { data: [{ path: "v", value: "0" }], text: "V" },
    { type: "mail", text: "mail", data: [{ path: "v", value: "5" }] },
  ];
  let met = 0;
  for (const [n, value] of values.entries()) {
    const job = makeJob({
      type: types[n % types.length] ?? "",
      data: JSON.parse(JSON.stringify({ v: value, 'v"': value, deep: { [String(value)]: "Ζ" } })),
      tags: [String(value)],
      createdBy: String(value),
    });
    const record = recordOf(job, {});
    for (const filter of filters) {
      const meets = matches(job, filter);
      if (meets) met++;
      const passes = createSieve(filter)(job.seq, record);
      assertEquals(passes || !meets, true, JSON.stringify({ filter, record }));
    }
  }
  assertEquals(met > 200, true);
});

Deno.test("createSieve() keeps back what cannot meet the filter, and no damaged record", () => {
  const job = makeJob({ type: "mail:welcome", tags: ["eu"], createdBy: "Ada", data: { user: { id: 7 } } });
  const record = recordOf(job, {});
  const misses: JobFilter[] = [
    { type: "mai" },
    { type: "report" },
    { tag: "us" },
    { createdBy: "Bob" },
    { text: "nothing" },
    { data: [{ path: "user.id", value: "8" }] },
    { data: [{ path: "user.name", value: "7" }] },
    { tag: "eu", text: "nothing" },
  ];

  const passed = misses.filter((filter) => createSieve(filter)(job.seq, record));

  assertEquals(passed, [{ type: "mai" }]); // which the type's own beginning passes
  assertEquals(misses.every((filter) => createSieve(filter)(job.seq, "damaged")), true);
});
