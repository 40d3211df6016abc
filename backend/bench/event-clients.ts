/**
 * A process of its own that follows the events of another, by many connections. `/seen?jobs=N` answers once each has
 * been told that so many jobs have completed, or after a while, with a `Seen` for each.
 */
import { systemClock as clock } from "../lib/clock.ts";
import { IdSum } from "./id-sum.ts";

/** What one client was told. */
export interface Seen {
  /** Jobs that completed, each once. */
  count: number;
  /** The sum of their ids. */
  sum: number;
  /** How often it was cut off, and came back. */
  cuts: number;
  resets: number;
}

const COMPLETED = 'event: job.completed\ndata: {"id":"';
const ID_LENGTH = 36;
/** The longest start of something that a piece may end within. */
const MOST_CUT = 4_096;
/** Milliseconds between two cuts of one client. */
const CUT_EVERY = 700;
/** Milliseconds after which nobody waits for more. */
const PATIENCE = 60_000;

async function main([source = 0, port = 0, count = 0, cut = 0]: number[]): Promise<void> {
  const clients = Array.from({ length: count }, (_, i) => new Client(source, i < cut));
  Deno.serve({ hostname: "127.0.0.1", port, onListen() {} }, async (request) => {
    const jobs = Number(new URL(request.url).searchParams.get("jobs"));
    const until = clock.monotonic() + PATIENCE;
    while (clients.some(({ seen }) => seen.count < jobs) && clock.monotonic() < until) await clock.sleep(20);
    return Response.json(clients.map(({ seen }) => seen));
  });
  await Promise.all(clients.map((client) => client.open()));
  for (const client of clients) void client.follow();
  console.log("ready");
}

/** Reads one stream, as bytes: to take events apart would cost more than the server has to do. */
class Client {
  readonly seen: Seen = { count: 0, sum: 0, cuts: 0, resets: 0 };
  readonly #source: number;
  readonly #isCut: boolean;
  /** Of a client that is cut off: some may come twice. */
  readonly #ids = new Set<string>();
  readonly #decoder = new TextDecoder("latin1");
  readonly #bytes = new Uint8Array(262_144);
  #connection: Deno.TcpConn | null = null;
  #rest = "";
  #lastId = "";

  constructor(source: number, isCut: boolean) {
    this.#source = source;
    this.#isCut = isCut;
  }

  /** Resolves once the stream has begun. */
  async open(): Promise<void> {
    const connection = this.#connection = await Deno.connect({ hostname: "127.0.0.1", port: this.#source });
    const resume = this.#lastId === "" ? "" : `Last-Event-ID: ${this.#lastId}\r\n`;
    // By HTTP/1.0 the answer comes as it is, in no chunks.
    const text = `GET /api/admin/events HTTP/1.0\r\nHost: localhost\r\n${resume}\r\n`;
    await connection.write(new TextEncoder().encode(text));
    this.#rest = "";
    await this.#read();
  }

  async follow(): Promise<void> {
    for (;;) {
      let cutAt = this.#isCut ? clock.monotonic() + CUT_EVERY * (1 + Math.random()) : Infinity;
      try {
        while (await this.#read()) {
          if (clock.monotonic() < cutAt || this.#lastId === "") continue;
          cutAt = Infinity;
          break;
        }
      } catch {
        // It was too slow, and is cut off by the server.
      }
      this.#connection?.close();
      this.seen.cuts++;
      await clock.sleep(50);
      await this.open();
    }
  }

  async #read(): Promise<boolean> {
    const length = await this.#connection?.read(this.#bytes) ?? null;
    if (length === null) return false;
    const text = this.#rest + this.#decoder.decode(this.#bytes.subarray(0, length));
    const end = text.lastIndexOf("\n\n") + 2; // of the last whole event
    this.#take(text, end);
    this.#rest = text.slice(Math.max(end, text.length - MOST_CUT));
    return true;
  }

  #take(text: string, end: number): void {
    for (let at = text.indexOf(COMPLETED); at >= 0 && at < end; at = text.indexOf(COMPLETED, at)) {
      at += COMPLETED.length;
      this.#completed(text.slice(at, at + ID_LENGTH));
    }
    const idAt = text.lastIndexOf("\nid: ", end);
    if (idAt >= 0) this.#lastId = text.slice(idAt + 5, text.indexOf("\n", idAt + 5));
    if (text.lastIndexOf("event: reset\n", end) >= 0) this.seen.resets++;
  }

  #completed(id: string): void {
    if (this.#isCut) {
      if (this.#ids.has(id)) return;
      this.#ids.add(id);
    }
    this.seen.count++;
    this.seen.sum += IdSum.of([id]);
  }
}

if (import.meta.main) await main(Deno.args.map(Number));
