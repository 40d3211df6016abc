import type { ServerUse } from "./contender.ts";

/** Clock ticks a second, as Linux counts CPU time for programs on every processor it runs on. */
const TICKS = 100;

/** What the process and its children used, by Linux's `/proc`; children that have ended count by their parent. */
export function usageOf(pid: number): ServerUse {
  const use: ServerUse = { cpu: 0, memory: 0 };
  for (const id of [pid, ...childrenOf(pid)]) {
    // The name in the second field may hold blanks and brackets.
    const fields = readProc(id, "stat").split(") ").at(-1)?.split(" ") ?? [];
    const ticks = fields.slice(11, id === pid ? 15 : 13).reduce((sum, field) => sum + Number(field), 0);
    use.cpu += ticks * 1000 / TICKS;
    use.memory += 1024 * Number(/^Pss:\s+(\d+)/m.exec(readProc(id, "smaps_rollup"))?.[1] ?? 0);
  }
  return use;
}

function childrenOf(pid: number): number[] {
  return readProc(pid, `task/${pid}/children`).split(" ").filter((id) => id !== "").map(Number);
}

/** The empty text where there is nothing: a process may have ended since it was listed. */
function readProc(pid: number, file: string): string {
  try {
    return Deno.readTextFileSync(`/proc/${pid}/${file}`);
  } catch {
    return "";
  }
}
