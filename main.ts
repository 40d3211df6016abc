/** The service: HTTP API, workers, schedules and maintenance in one process. */
import { createApp } from "./backend/app.ts";
import { type HttpConfig, StartError } from "./backend/config.ts";
import { queue, scheduler } from "./backend/jobs.ts";
import { systemClock } from "./backend/lib/clock.ts";
import { logOf } from "./backend/lib/log.ts";
import { prepare, runProcess, stopRequested } from "./backend/process.ts";
import { frontRoutes } from "./backend/routes/front.ts";
import { bearerTokens } from "./backend/routes/middleware/auth.ts";
import { loadTokens, tellWhereTokensAre } from "./backend/tokens.ts";
import { scheduleCleanups } from "./backend/workers/cleanup-schedules.ts";

/** How long open requests may take once all jobs are stored, in milliseconds. */
const LAST_ANSWERS = 1000;

if (import.meta.main) await runProcess(main);

async function main(): Promise<void> {
  const config = prepare(queue);
  if (queue.knows("cleanup:old-jobs")) scheduleCleanups(scheduler, config.cleanup);
  const stop = stopRequested(queue);
  const { http } = config;
  const log = logOf("http");
  const tokens = await loadTokens(config.tokens);
  const app = createApp({
    queue,
    scheduler,
    authorize: bearerTokens(() => Promise.resolve(tokens)),
    basePath: http.basePath,
    ...(http.publicUrl === null ? {} : { publicUrl: http.publicUrl }),
  });
  app.route("/", frontRoutes(http.basePath));
  // Requests that come before the store is open wait for it.
  const server = listen(http, (request) => app.fetch(request));
  await queue.start();
  await scheduler.start();

  log.info("Listening on {url}", { url: urlOf(http, server.addr.port) });
  tellWhereTokensAre(config.tokens, log);

  await stop;
  const closed = server.shutdown();
  await scheduler.stop();
  await queue.stop();
  await Promise.race([closed, systemClock.sleep(LAST_ANSWERS)]);
  log.info("Stopped: every job is stored");
}

function listen({ host, port }: HttpConfig, handler: Deno.ServeHandler): Deno.HttpServer<Deno.NetAddr> {
  try {
    return Deno.serve({ hostname: host, port, onListen: () => {} }, handler);
  } catch (error) {
    const reason = error instanceof Deno.errors.AddrInUse
      ? "another program uses this port; set PORT to a free one"
      : error instanceof Error
      ? error.message
      : String(error);
    throw new StartError(`Cannot listen on ${host}:${port}: ${reason}`, { cause: error });
  }
}

function urlOf({ host, basePath }: HttpConfig, port: number): string {
  const name = host.includes(":") ? `[${host}]` : host;
  return `http://${name}:${port}${basePath === "/" ? "" : basePath}`;
}
