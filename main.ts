/** The service: HTTP API, workers, schedules and maintenance in one process. */
import { createApp } from "./backend/app.ts";
import { type HttpConfig, StartError } from "./backend/config.ts";
import { queue, scheduler, webhooks } from "./backend/jobs.ts";
import { systemClock } from "./backend/lib/clock.ts";
import { logOf } from "./backend/lib/log.ts";
import { LINK_FILE, offerLoginLink } from "./backend/login-link.ts";
import { prepare, runProcess, stopRequested } from "./backend/process.ts";
import { frontRoutes } from "./backend/routes/front.ts";
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
    webhooks,
    authorize: { tokens: () => Promise.resolve(tokens), limits: config.limits },
    basePath: http.basePath,
    trustProxy: http.trustProxy,
    corsOrigins: http.corsOrigins,
    bodyLimit: http.bodyLimit,
    ...(http.publicUrl === null ? {} : { publicUrl: http.publicUrl }),
  });
  app.route("/", frontRoutes(http.basePath));
  // Requests that come before the store is open wait for it.
  const server = listen(http, (request, info) => app.fetch(request, info));
  await webhooks.start();
  await queue.start();
  await scheduler.start();

  const url = urlOf(http, server.addr.port);
  log.info("Listening on {url}", { url });
  tellWhereTokensAre(config.tokens, log);
  const offered = offerLoginLink({
    queue,
    token: tokens.admin,
    url: publicUrlOf(http) ?? url,
    log,
    show: Deno.stdout.isTerminal() ? console.log : null,
    // Beside the tokens that were made; who gave tokens keeps secrets elsewhere.
    file: config.tokens.admin === null ? LINK_FILE : null,
  });

  await stop;
  await offered;
  const closed = server.shutdown();
  await scheduler.stop();
  await webhooks.stop();
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

/** Where people find the routes, if that is told. A path in `PUBLIC_URL` has the base path in it already. */
function publicUrlOf({ publicUrl, basePath }: HttpConfig): string | null {
  if (publicUrl === null || basePath === "/" || new URL(publicUrl).pathname !== "/") return publicUrl;
  return publicUrl + basePath;
}
