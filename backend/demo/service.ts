import { createApp } from "../app.ts";
import { createJobs } from "../jobs.ts";
import { systemClock } from "../lib/clock.ts";
import { logOf } from "../lib/log.ts";
import { offerLoginLink } from "../login-link.ts";
import { frontRoutes } from "../routes/front.ts";
import { Random } from "../testing/crash/random.ts";
import { loadTokens } from "../tokens.ts";
import { registerJobs } from "./jobs/register.ts";
import { declareSchedules } from "./schedules.ts";
import { VERSION } from "./timeline.ts";
import { runTraffic } from "./traffic.ts";
import { presentWorld } from "./world.ts";

/** How the service of the demo is started. */
export interface ServiceOptions {
  /** Where its jobs are, and its tokens. */
  folder: string;
  /** 0: any free one. */
  port: number;
  /** Whether jobs keep coming. */
  hasTraffic: boolean;
  /** Shows a line to who started it. */
  show(line: string): void;
}

/** The service of the demo, running. Disposing of it stops it and its second process. */
export interface DemoService extends AsyncDisposable {
  readonly url: string;
  /** Resolves once somebody asks it to stop, in the dashboard. */
  readonly asked: Promise<void>;
}

/** Starts the service as `main.ts` does, with handlers, schedules, traffic and a second process. */
export async function startService(options: ServiceOptions): Promise<DemoService> {
  const { folder, port, hasTraffic, show } = options;
  await using stack = new AsyncDisposableStack();
  const store = `kv:${folder}/jobs.db`;
  const jobs = createJobs({
    store,
    workerId: "web-1",
    version: VERSION,
    concurrency: 5,
    allowPrivateUrls: true,
  });
  const { queue, scheduler, webhooks } = jobs;
  const random = new Random(systemClock.now());
  registerJobs(queue, presentWorld(systemClock, random));
  declareSchedules(scheduler);
  const tokens = await loadTokens({ admin: null, viewer: null, producer: null }, `${folder}/tokens.env`);
  const authorize = { tokens: () => Promise.resolve(tokens) };
  const app = createApp({ queue, scheduler, webhooks, authorize }).route("/", frontRoutes("/"));
  const server = Deno.serve(
    { hostname: "127.0.0.1", port, onListen() {} },
    (request, info) => app.fetch(request, info),
  );
  stack.defer(() => server.shutdown());
  stack.defer(() => jobs.stop());
  await jobs.start();
  stack.use(startWorker(store));
  if (hasTraffic) {
    const over = new AbortController();
    const traffic = runTraffic(queue, { clock: systemClock, random, signal: over.signal });
    stack.defer(() => {
      over.abort();
      return traffic;
    });
  }
  const url = `http://127.0.0.1:${server.addr.port}`;
  show(`Listening on ${url}`);
  await offerLoginLink({ queue, token: tokens.admin, url, log: logOf("http"), show });
  const asked = new Promise<void>((resolve) => queue.onStopRequested(resolve));
  const started = stack.move();
  return { url, asked, [Symbol.asyncDispose]: () => started.disposeAsync() };
}

function startWorker(store: string): AsyncDisposable {
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", new URL("./worker.ts", import.meta.url).pathname, store],
    stdin: "piped",
    stdout: "null",
    stderr: "inherit",
  }).spawn();
  return {
    async [Symbol.asyncDispose]() {
      await child.stdin.close().catch(() => {}); // it may have ended already
      await child.status;
    },
  };
}
