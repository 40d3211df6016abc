import { launchBrowser, loadTime, openPage } from "./browser.ts";
import { quantile } from "./samples.ts";
import type { RunningService } from "./service.ts";
import { timed } from "./tasks.ts";

/** Looks that do not count. */
const FIRST = 3;

/** How long a page of the dashboard took, in milliseconds. */
export interface Shown {
  path: string;
  /** Until the server has sent all of it, the middle and the slowest. */
  rendered: number;
  slowest: number;
  /** Until the load event in a browser that knows its parts. */
  loaded: number;
}

/** Shows the list of jobs and a job `samples` times, as text and in a browser. */
export async function measurePages(service: RunningService, samples: number): Promise<Shown[]> {
  await using stack = new AsyncDisposableStack();
  const browser = await launchBrowser();
  stack.defer(() => browser.close());
  const { data } = await (await service.ask("/api/admin/jobs?status=failed&limit=1")).json();
  const shown: Shown[] = [];
  for (const path of ["/admin/jobs", "/admin/jobs?status=failed", `/admin/jobs/${data[0].id}`]) {
    const look = async () => void await (await service.ask(path)).arrayBuffer();
    const page = await openPage(browser, service.origin + path, `${service.token}-admin`);
    const [rendered, loaded]: [number[], number[]] = [[], []];
    for (let i = 0; i < FIRST + samples; i++) {
      const [text, load] = [await timed(look), await loadTime(page)];
      if (i < FIRST) continue;
      rendered.push(text);
      loaded.push(load);
    }
    await page.context().close();
    shown.push({
      path,
      rendered: quantile(rendered, 0.5),
      slowest: Math.max(...rendered),
      loaded: quantile(loaded, 0.5),
    });
  }
  return shown;
}
