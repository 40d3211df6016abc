import { assertEquals } from "@std/assert";
import { readReport } from "./junit.ts";

function reportOf(...cases: string[]): string {
  return `<?xml version="1.0"?><testsuites tests="9"><testsuite name="./a.test.ts">${
    cases.join("\n")
  }</testsuite></testsuites>`;
}

function testcase(name: string, content = "", time = ' time="0.001"'): string {
  return `<testcase name="${name}" classname="./a.test.ts"${time} line="1">\n${content}\n</testcase>`;
}

Deno.test("readReport() counts what passed, failed and was skipped, with the reason", () => {
  const results = readReport(reportOf(
    testcase("good &amp; &lt;b&gt;"),
    '<testcase name="short" classname="./a.test.ts" time="0.1"/>',
    testcase("bad", '<failure message="x">&lt;skipped/&gt;</failure>'),
    testcase("none (skipped: there&apos;s no &quot;X&quot;)", "<skipped/>"),
    testcase("unexplained", "<skipped/>"),
  ));

  assertEquals(results, {
    passed: 2,
    failed: 1,
    skipped: [
      { name: 'none (skipped: there\'s no "X")', reason: 'there\'s no "X"' },
      { name: "unexplained", reason: "no reason given" },
    ],
  });
});

Deno.test("readReport() does not count what a filter left out", () => {
  assertEquals(readReport(reportOf(testcase("a", "<skipped/>", ""), testcase("b"))), {
    passed: 1,
    failed: 0,
    skipped: [],
  });
});

Deno.test("readReport() counts a step only if it was skipped", () => {
  const results = readReport(reportOf(
    testcase("test", "<failure>1 test step failed.</failure>"),
    testcase("test &gt; one"),
    testcase("test &gt; two", "<skipped/>"),
    testcase("test &gt; three", "<failure>x</failure>"),
    testcase("no step: a &gt; b"),
  ));

  assertEquals([results.passed, results.failed, results.skipped.map(({ name }) => name)], [1, 1, [
    "test > two",
  ]]);
});

Deno.test("readReport() of nothing counts nothing", () => {
  assertEquals(readReport(""), { passed: 0, failed: 0, skipped: [] });
});
