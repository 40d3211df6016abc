/**
 * Compares two states of this program: `deno task bench:compare REV --rounds 5 --only run-100`.
 *
 * The commit `REV` is unpacked into a temporary folder, and its program measured by turns with this tree's, which
 * need not be committed. Both are measured by this tree's benchmark and with its packages. A ratio above 1 is a gain;
 * the last line names the row that lost most.
 */
import { Command, Option } from "commander";
import { namesOf, wholeNumber } from "./flags.ts";
import { MEASURES } from "./measures.ts";
import { OWN_JOBS } from "./origins.ts";
import { formatRatio, type Results } from "./results.ts";
import { EFFORTS, runRounds } from "./rounds.ts";
import { withSession } from "./session.ts";

interface Flags {
  rounds: number;
  only?: string[];
  million?: true;
  effort: keyof typeof EFFORTS;
}

const ROOT = new URL("../../", import.meta.url).pathname;
const NAMES = MEASURES.map(({ name }) => name);

if (import.meta.main) {
  const program = new Command("deno task bench:compare")
    .description("Measures this tree's program by turns with that of a commit")
    .argument("<rev>", "the commit, as git names it")
    .option("--rounds <n>", "how often everything is measured", wholeNumber, 5)
    .option("--only <names>", `some of ${NAMES.join(",")}`, namesOf(NAMES))
    .option("--million", "measures two processes on one file and 1,000,000 jobs too, which takes minutes")
    .addOption(
      new Option("--effort <name>", "small: to see that all of it works").choices(Object.keys(EFFORTS))
        .default("normal"),
    )
    .parse(Deno.args, { from: "user" });
  console.log(await compare(program.args[0] ?? "", program.opts<Flags>()));
}

async function compare(rev: string, { only, million, ...options }: Flags): Promise<string> {
  return await withSession(async (session) => {
    const path = await unpack(rev, session.folder);
    const { results, notes } = await runRounds({
      ...options,
      ...session,
      origins: [
        { kind: "product", name: "this tree", path: OWN_JOBS },
        { kind: "product", name: rev, path },
      ],
      measures: MEASURES.filter(({ name, isHeavy }) => only?.includes(name) ?? (!isHeavy || million)),
      onProgress: (line) => console.error(line),
    });
    return [results.format(), notes.join("\n"), worstOf(results)].filter((part) => part !== "").join("\n\n");
  });
}

/**
 * Unpacks a commit below `folder`.
 *
 * @returns Its `jobs.ts`.
 * @throws {Error} There is no such commit, or it has none.
 */
async function unpack(rev: string, folder: string): Promise<string> {
  const tree = `${folder}/tree`;
  const archive = `${folder}/tree.tar`;
  await Deno.mkdir(tree);
  await succeed("git", [
    "-C",
    ROOT,
    "archive",
    "--format=tar",
    `--output=${archive}`,
    "--end-of-options",
    rev,
  ]);
  await succeed("tar", ["-xf", archive, "-C", tree]);
  const path = `${tree}/backend/jobs.ts`;
  try {
    await Deno.stat(path);
  } catch (cause) {
    throw new Error(`Cannot measure ${rev}: it has no backend/jobs.ts`, { cause });
  }
  return path;
}

async function succeed(program: string, args: readonly string[]): Promise<void> {
  const { success, stderr } = await new Deno.Command(program, { args: [...args], stdin: "null" }).output();
  if (!success) throw new Error(`Cannot run ${program}: ${new TextDecoder().decode(stderr).trim()}`);
}

function worstOf(results: Results): string {
  const worst = results.worst();
  if (worst === null) return "Nothing could be compared";
  return `Worst: ${worst.label}, ${formatRatio(worst.ratio)} of ${worst.other}`;
}
