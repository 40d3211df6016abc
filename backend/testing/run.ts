/**
 * Runs all tests: `deno task test`. Arguments go on to `deno test`: `--shuffle`, `--filter=claim`, a file.
 *
 * Says at the end what was skipped and why. Where the variable `CI` is "true", a skip counts as a failure. Ends with
 * one line: `N passed, M failed, K skipped`.
 */
import { dirname, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { readReport, type Results } from "./junit.ts";

const ROOT = resolve(dirname(fileURLToPath(import.meta.url)), "../..");

/** These tests need packages that nobody else does, so they have configurations and locks of their own. */
const APART = ["backend/testing/model", "backend/testing/api-document"];

/** Tests that are run together. */
interface Suite {
  options: readonly string[];
  /** Where its tests are. */
  folder: string;
  takes(path: string): boolean;
}

const SUITES: readonly Suite[] = [
  {
    options: [`--ignore=${APART.join(",")},backend/bench,frontend/e2e`],
    folder: ".",
    takes: (path) => !APART.some((folder) => path.includes(folder)),
  },
  ...APART.map((folder) => {
    const options = ["--config", `${folder}/deno.json`];
    return { options, folder, takes: (path: string) => path.includes(folder) };
  }),
];

async function run(suite: Suite, options: readonly string[], paths: readonly string[]): Promise<Results> {
  const report = Deno.makeTempFileSync({ suffix: ".xml" });
  try {
    const args = ["test", "-A", "--sanitize-ops", "--sanitize-resources", `--junit-path=${report}`];
    const command = new Deno.Command(Deno.execPath(), {
      args: [...args, ...suite.options, ...options, ...(paths.length > 0 ? paths : [suite.folder])],
      cwd: ROOT,
      stdin: "null",
    });
    const { success } = await command.spawn().status;
    const results = readReport(Deno.readTextFileSync(report));
    // What fails outside of a test, a file that cannot be loaded say, is in no report.
    if (!success && results.failed === 0) results.failed = 1;
    return results;
  } finally {
    Deno.removeSync(report);
  }
}

/** Runs the suites; returns how they went together. */
async function runAll(args: readonly string[]): Promise<Results> {
  const paths = args.filter((arg) => !arg.startsWith("-"));
  const options = args.filter((arg) => arg.startsWith("-"));
  const all: Results = { passed: 0, failed: 0, skipped: [] };
  for (const suite of SUITES) {
    const own = paths.filter(suite.takes);
    if (paths.length > 0 && own.length === 0) continue;
    const { passed, failed, skipped } = await run(suite, options, own);
    all.passed += passed;
    all.failed += failed;
    all.skipped.push(...skipped);
  }
  return all;
}

if (import.meta.main) {
  const { passed, failed, skipped } = await runAll(Deno.args);
  for (const { name, reason } of skipped) console.log(`skipped: ${name}: ${reason}`);
  const isFailure = Deno.env.get("CI") === "true" && skipped.length > 0;
  if (isFailure) console.log(`CI: each of the ${skipped.length} skipped tests counts as failed`);
  const failures = failed + (isFailure ? skipped.length : 0);
  console.log(`${passed} passed, ${failures} failed, ${isFailure ? 0 : skipped.length} skipped`);
  Deno.exit(failures > 0 ? 1 : 0);
}
