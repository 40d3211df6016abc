import type { Clock } from "../../lib/clock.ts";
import type { Behaviour } from "./plan.ts";
import { PROCESS_HEADER } from "./journal.ts";

/** One request that arrived at the sink. Times are epoch milliseconds of the harness. */
export interface Delivery {
  /** The process that sent it, as the fleet names it. */
  process: string;
  arrivedAt: number;
  /** Null: it has not been answered. */
  answeredAt: number | null;
  status: number;
}

/** Hears of what happens at the sink while it happens. */
export interface SinkListener {
  arrived(): void;
  answered(status: number): void;
}

/** Where all jobs of a run send their webhooks: answers as the URL says, and remembers every request. */
export class Sink implements AsyncDisposable {
  /** By job. */
  readonly deliveries = new Map<string, Delivery[]>();
  readonly #clock: Clock;
  readonly #listener: SinkListener;
  readonly #server: Deno.HttpServer<Deno.NetAddr>;

  constructor(clock: Clock, listener: SinkListener) {
    this.#clock = clock;
    this.#listener = listener;
    this.#server = Deno.serve(
      { hostname: "127.0.0.1", port: 0, onListen() {} },
      (request) => this.#receive(request),
    );
  }

  /** The URL of a job that is to behave like this. */
  urlFor(behaviour: Behaviour): string {
    const path = behaviour.kind === "slow"
      ? `slow/${behaviour.ms}`
      : behaviour.kind === "failing"
      ? `failing/${behaviour.times}`
      : "fast/0";
    return `http://127.0.0.1:${this.#server.addr.port}/${path}`;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#server.shutdown();
  }

  #receive(request: Request): Response | Promise<Response> {
    const [kind, number] = new URL(request.url).pathname.slice(1).split("/");
    const id = request.headers.get("webhook-id") ?? "";
    const earlier = this.deliveries.get(id) ?? [];
    const delivery: Delivery = {
      process: request.headers.get(PROCESS_HEADER) ?? "",
      arrivedAt: this.#clock.now(),
      answeredAt: null,
      status: kind === "failing" && earlier.length < Number(number) ? 500 : 200,
    };
    this.deliveries.set(id, [...earlier, delivery]);
    this.#listener.arrived();
    if (kind !== "slow") return this.#answer(delivery);
    return this.#clock.sleep(Number(number)).then(() => this.#answer(delivery));
  }

  #answer(delivery: Delivery): Response {
    delivery.answeredAt = this.#clock.now();
    this.#listener.answered(delivery.status);
    return new Response(null, { status: delivery.status });
  }
}
