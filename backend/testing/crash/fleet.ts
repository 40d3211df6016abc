import { type Clock, systemClock } from "../../lib/clock.ts";
import { underWay } from "./journal.ts";

/** The death of one process. */
export interface Kill {
  /** `SLOT.RUN`: the run-th process of its slot; no two processes of a fleet share a name. */
  process: string;
  /** Epoch milliseconds, taken just before the signal was sent. */
  at: number;
  /** What the kill was aimed at. */
  moment: string;
  /** Jobs whose request it had begun and had no answer to. */
  underWay: ReadonlySet<string>;
}

/** What the processes of a fleet share. */
export interface FleetOptions {
  processes: number;
  /** Holds the store and is each process's working folder. */
  folder: string;
  /** Handlers each process runs at the same time. */
  concurrency: number;
  /** Loaded before the main module; told `process` and `journal`. @default the witness of webhooks */
  probe?: URL;
  /** More of the environment. */
  env?: Readonly<Record<string, string>>;
  clock?: Clock;
}

/** One process of the service. */
interface Member {
  name: string;
  child: Deno.ChildProcess;
  spawnedAt: number;
  /** Resolves to true once it answers as ready, to false if it dies before. */
  ready: Promise<boolean>;
  isReady: boolean;
  dying: boolean;
  /** Resolves with its exit code once it is gone and its output is read. */
  ended: Promise<number>;
}

/** The token that may do everything in every process of a fleet. */
export const ADMIN_TOKEN = "crash-admin-token-0123456789abcdef";

const MAIN = new URL("../../../main.ts", import.meta.url);
const PROBE = new URL("./probe.ts", import.meta.url);

/** Milliseconds within which a process must be ready after its start. */
const START_LIMIT = 60_000;
/** Milliseconds between two questions whether it is. */
const READY_INTERVAL = 15;
/** Below the ports that the system gives to outgoing connections: none of those may take one over. */
const PORTS = { first: 20_000, last: 29_999 };
/** Bytes of a process's output that are kept for the case that it ends by itself. */
const KEPT_OUTPUT = 8_192;

/** Real processes of the service on one store, each of which can be killed and started again at its own port. */
export class Fleet {
  readonly kills: Kill[] = [];
  /** Milliseconds from start to ready, of the last start that got there. */
  startTime = 1_000;
  readonly #options: FleetOptions;
  readonly #clock: Clock;
  readonly #ports: number[];
  readonly #members: Member[] = [];
  readonly #runs: number[];
  #failure: Error | null = null;

  constructor(options: FleetOptions) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#ports = freePorts(options.processes);
    this.#runs = this.#ports.map(() => 0);
  }

  /** The addresses of the processes that are ready. */
  get origins(): string[] {
    return this.#ports.filter((_, slot) => this.#members[slot]?.isReady)
      .map((port) => `http://127.0.0.1:${port}`);
  }

  /** True when the process of every slot is ready. */
  get allReady(): boolean {
    return this.readySlots.length === this.#ports.length;
  }

  /** All slots. */
  get slots(): number[] {
    return [...this.#ports.keys()];
  }

  /** The slots whose process is ready. */
  get readySlots(): number[] {
    return this.slots.filter((slot) => this.#members[slot]?.isReady);
  }

  /** The slot whose process was started last. */
  get youngestSlot(): number {
    const ages = this.#members.map(({ spawnedAt }) => spawnedAt);
    return ages.indexOf(Math.max(...ages));
  }

  /** When the process of this slot was started, monotonic milliseconds. */
  spawnedAt(slot: number): number {
    return this.#members[slot]?.spawnedAt ?? 0;
  }

  /** The names of all processes there were, and are. */
  get processes(): string[] {
    return this.#runs.flatMap((runs, slot) => Array.from({ length: runs }, (_, run) => `${slot}.${run + 1}`));
  }

  /** What the probe in a process has noted; empty if that was killed before. */
  journalOf(process: string): Promise<string> {
    return Deno.readTextFile(this.#journalPath(process)).catch(() => "");
  }

  /** Throws if a process ended that nobody killed. */
  check(): void {
    if (this.#failure !== null) throw this.#failure;
  }

  /** Starts every slot's process. Resolves once all are ready. */
  async startAll(): Promise<void> {
    await Promise.all(this.slots.map((slot) => this.start(slot)));
  }

  /** Starts the process of a slot. @returns Whether it got ready before somebody killed it. */
  start(slot: number): Promise<boolean> {
    const run = (this.#runs[slot] ?? 0) + 1;
    this.#runs[slot] = run;
    const name = `${slot}.${run}`;
    const child = this.#spawn(slot, name);
    const output = Promise.all([lastOf(child.stdout), lastOf(child.stderr)]);
    const ended = child.status.then(async ({ code }) => {
      member.isReady = false;
      const texts = await output;
      if (!member.dying) {
        member.dying = true;
        this.#failure ??= new Error(
          `Process ${name} ended by itself with code ${code}:\n${texts.join("\n")}`,
        );
      }
      return code;
    });
    const member: Member = {
      name,
      child,
      spawnedAt: this.#clock.monotonic(),
      ready: Promise.resolve(false),
      isReady: false,
      dying: false,
      ended,
    };
    this.#members[slot] = member;
    return member.ready = this.#waitUntilReady(slot, member);
  }

  /** Kills the process of a slot with SIGKILL. Resolves once it is gone. Does nothing if it is gone already. */
  async kill(slot: number, moment: string): Promise<void> {
    const member = this.#members[slot];
    const at = this.#clock.now();
    if (member === undefined || !sendSignal(member, "SIGKILL")) return;
    await member.ended;
    await member.ready;
    this.kills.push({
      process: member.name,
      at,
      moment,
      underWay: underWay(await this.journalOf(member.name)),
    });
  }

  /** Asks every process to stop gracefully. @returns Their exit codes. */
  async stop(): Promise<number[]> {
    for (const member of this.#members) sendSignal(member, "SIGTERM");
    return await Promise.all(this.#members.map(({ ended }) => ended));
  }

  /** Kills what is left, without a trace in `kills`: for the end of a run that went wrong. */
  async abandon(): Promise<void> {
    for (const member of this.#members) sendSignal(member, "SIGKILL");
    await Promise.all(this.#members.flatMap(({ ended, ready }) => [ended, ready]));
  }

  #journalPath(name: string): string {
    return `${this.#options.folder}/${name}.journal`;
  }

  #spawn(slot: number, name: string): Deno.ChildProcess {
    const { folder, concurrency, env = {} } = this.#options;
    const probe = new URL(this.#options.probe ?? PROBE);
    probe.searchParams.set("process", name);
    probe.searchParams.set("journal", this.#journalPath(name));
    return new Deno.Command(Deno.execPath(), {
      args: ["run", "-A", "--preload", probe.href, MAIN.href],
      cwd: folder,
      env: {
        STORE_URL: `kv:${folder}/jobs.db`,
        HOST: "127.0.0.1",
        PORT: String(this.#ports[slot]),
        ADMIN_TOKEN,
        VIEWER_TOKEN: "crash-viewer-token-0123456789abcdef",
        ENQUEUE_TOKEN: "crash-enqueue-token-0123456789abcdef",
        WORKERS: "all",
        ALLOW_PRIVATE_URLS: "true",
        JOB_QUEUE_DEFAULT_CONCURRENCY: String(concurrency),
        JOB_QUEUE_POLL_INTERVAL: "200",
        JOB_QUEUE_HEARTBEAT_INTERVAL: "1000",
        LOG_LEVEL: "warn",
        LOG_FORMAT: "json",
        ...env,
      },
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
  }

  async #waitUntilReady(slot: number, member: Member): Promise<boolean> {
    const url = `http://127.0.0.1:${this.#ports[slot]}/health/ready`;
    while (!member.dying) {
      const took = this.#clock.monotonic() - member.spawnedAt;
      if (await isOk(url) && !member.dying) {
        this.startTime = took;
        return member.isReady = true;
      }
      if (took > START_LIMIT) {
        this.#failure ??= new Error(`Process ${member.name} was not ready within ${START_LIMIT} ms`);
        return false;
      }
      await this.#clock.sleep(READY_INTERVAL);
    }
    return false;
  }
}

/** Ends a process. @returns False if it was ended already, or has ended by itself, which is then the run's failure. */
function sendSignal(member: Member, signal: "SIGKILL" | "SIGTERM"): boolean {
  if (member.dying) return false;
  try {
    member.child.kill(signal);
  } catch {
    return false;
  }
  member.dying = true;
  member.isReady = false;
  return true;
}

async function isOk(url: string): Promise<boolean> {
  try {
    const response = await fetch(url, { headers: { authorization: `Bearer ${ADMIN_TOKEN}` } });
    await response.body?.cancel();
    return response.ok;
  } catch {
    return false; // it does not listen yet, or no longer
  }
}

/** Reads a stream to its end and returns the last of it. */
async function lastOf(stream: ReadableStream<Uint8Array>): Promise<string> {
  let kept = "";
  for await (const text of stream.pipeThrough(new TextDecoderStream())) {
    kept = (kept + text).slice(-KEPT_OUTPUT);
  }
  return kept;
}

function freePorts(count: number): number[] {
  const free: number[] = [];
  const start = PORTS.first + Deno.pid % (PORTS.last - PORTS.first - 1_000); // runs side by side begin apart
  for (let port = start; port <= PORTS.last && free.length < count; port++) {
    try {
      Deno.listen({ hostname: "127.0.0.1", port }).close();
      free.push(port);
    } catch (error) {
      if (!(error instanceof Deno.errors.AddrInUse)) throw error;
    }
  }
  if (free.length < count) {
    throw new Error(`Cannot find ${count} free ports from ${PORTS.first} to ${PORTS.last}`);
  }
  return free;
}
