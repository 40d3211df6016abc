import { quantile } from "./samples.ts";
import type { RunningService } from "./service.ts";
import { timed } from "./tasks.ts";

/** Calls that do not count. */
const FIRST = 3;

const JOBS = "/api/admin/jobs";
const DAY = 86_400_000;

/** How long something took to be answered, in milliseconds. */
export interface Answered {
  path: string;
  median: number;
  slowest: number;
}

/** What people and programs look at: each list, each way to narrow it, and what is counted. `now` in epoch milliseconds. */
function pathsAt(now: number): string[] {
  const at = (before: number) => new Date(now - before).toISOString();
  return [
    ...[
      "",
      "?limit=200",
      "?status=pending",
      "?status=scheduled",
      "?status=completed",
      "?status=failed",
      "?type=mail",
      "?type=image",
      "?tag=eu",
      "?tag=rare",
      "?queue=mail",
      "?status=completed&status=failed&type=report",
      "?status=failed&type=image&queue=slow",
      "?status=failed&tag=rare",
      "?status=scheduled&type=none",
      `?createdAfter=${at(DAY / 4)}&createdBefore=${at(DAY / 8)}`,
      `?status=completed&finishedAfter=${at(DAY / 4)}&finishedBefore=${at(DAY / 8)}`,
      "?q=user-777",
      "?q=nothing-like-it",
      "?type=mail&q=nothing-like-it",
      "?tag=eu&q=nothing-like-it",
      "?status=failed&q=nothing-like-it",
      "?data.customer.id=7",
      "?data.n=5",
      "?status=failed&data.n=5",
    ].map((query) => JOBS + query),
    `${JOBS}/stats`,
    "/api/admin/stats/history?range=1h",
    "/api/admin/stats/history?range=24h",
    "/api/admin/stats/history?range=7d",
    "/api/admin/errors",
    "/api/admin/queues",
    "/metrics",
  ];
}

/** Asks for each view `samples` times, and for a list's later pages, each page once. */
export async function measureViews(
  service: RunningService,
  { samples, now }: { samples: number; now: number },
): Promise<Answered[]> {
  const answered: Answered[] = [];
  for (const path of pathsAt(now)) {
    const look = async () => void await (await service.ask(path)).arrayBuffer();
    for (let i = 0; i < FIRST; i++) await look();
    const times: number[] = [];
    for (let i = 0; i < samples; i++) times.push(await timed(look));
    answered.push(summaryOf(path, times));
  }
  for (const query of ["?limit=50", "?limit=50&status=completed", "?limit=50&q=user-77"]) {
    answered.push(await laterPages(service, JOBS + query, samples));
  }
  return answered;
}

async function laterPages(service: RunningService, path: string, samples: number): Promise<Answered> {
  const times: number[] = [];
  let cursor = "";
  for (let i = 0; i < FIRST + samples; i++) {
    const time = await timed(async () => {
      const { nextCursor } = await (await service.ask(path + cursor)).json();
      cursor = nextCursor === null ? "" : `&cursor=${nextCursor}`;
    });
    if (i >= FIRST) times.push(time);
  }
  return summaryOf(`${path}&cursor=…`, times);
}

function summaryOf(path: string, times: readonly number[]): Answered {
  return { path, median: quantile(times, 0.5), slowest: Math.max(...times) };
}
