import { assertEquals, assertRejects } from "@std/assert";
import { MemoryData, MemoryStore } from "../stores/memory.ts";
import { makeJob, makeReport } from "../testing/factories.ts";
import { FakeClock } from "../testing/fake-clock.ts";
import { soon } from "./clock.ts";
import { ClosedError, StoreUnavailableError } from "./errors.ts";
import { type LiveBatch, LiveFeed } from "./live-feed.ts";

/** A feed of one process, with another that does things. */
async function setUp() {
  const clock = new FakeClock();
  const data = new MemoryData();
  const [store, other] = [new MemoryStore({ data, clock }), new MemoryStore({ data, clock })];
  for (const one of [store, other]) await one.open(clock.now());
  let stop = () => {};
  const feed = new LiveFeed({
    clock,
    log: undefined,
    store: () => Promise.resolve(store),
    on: () => () => {},
    onStopped: (listener) => {
      stop = listener;
      return () => {};
    },
  });
  const told: LiveBatch[] = [];
  let isClosed = false;
  return {
    clock,
    store,
    other,
    feed,
    told,
    follower: {
      receive: (batch: LiveBatch) => void told.push(batch),
      ready: () => Promise.resolve(),
      closed: () => void (isClosed = true),
    },
    stop: () => stop(),
    isClosed: () => isClosed,
    add: (id: string) => other.insert([{ job: makeJob({ id, updatedAt: clock.now() }) }], clock.now()),
    /** Who was told of, in order. */
    ids: () => told.flatMap(({ changes }) => changes.map(({ job }) => job.id)),
    /** Lets the loop look at what there is. */
    async look(): Promise<void> {
      await clock.asleep(1);
      clock.advance(100);
      await clock.asleep(1);
    },
  };
}

Deno.test("LiveFeed tells its followers of what others do, once, for as long as they follow", async () => {
  const { feed, follower, add, ids, look } = await setUp();
  const session = await feed.enter();
  assertEquals(await feed.enter(), session);
  const unfollow = session.follow(follower);
  await look();

  await add("a");
  await look();
  await add("b");
  await look();
  assertEquals(ids(), ["a", "b"]);

  unfollow();
  await add("c");
  await look();
  assertEquals(ids(), ["a", "b"]);
  feed.leave();
  feed.leave();
});

Deno.test("LiveFeed renews its subscription, so that nothing is missed however long it is followed", async () => {
  const { clock, feed, follower, add, ids, look } = await setUp();
  (await feed.enter()).follow(follower);
  for (let minute = 0; minute < 30; minute++) {
    clock.advance(60_000);
    await look();
  }

  await add("a");
  await look();

  assertEquals(ids(), ["a"]);
  feed.leave();
});

Deno.test("LiveFeed tells of a worker that comes as soon as somebody has entered", async () => {
  const { clock, other, feed, follower, told, look } = await setUp();
  (await feed.enter()).follow(follower);
  await other.heartbeat(makeReport(), clock.now());
  clock.advance(1_000);
  await look();

  const events = told.flatMap(({ news }) => news.map(({ event }) => event));
  assertEquals(events.filter((event) => event !== "stats"), ["worker.joined"]);
  feed.leave();
});

Deno.test("LiveFeed loses nothing while the store is away", async () => {
  const { clock, store, feed, follower, add, ids, look } = await setUp();
  (await feed.enter()).follow(follower);
  await look();
  const read = store.changesSince;
  store.changesSince = () => Promise.reject(new StoreUnavailableError("gone"));
  await add("a");
  await look();
  store.changesSince = read;
  assertEquals(ids(), []);

  clock.advance(1_000);
  await look();

  assertEquals(ids(), ["a"]);
  feed.leave();
});

Deno.test("LiveFeed.enter() fails with the store, and works once that does", async () => {
  const { store, feed } = await setUp();
  const subscribe = store.subscribe;
  store.subscribe = () => Promise.reject(new StoreUnavailableError("gone"));
  await assertRejects(() => feed.enter(), StoreUnavailableError);
  store.subscribe = subscribe;

  await feed.enter();
  feed.leave();
});

Deno.test("LiveFeed tells a follower that came in while the queue stopped", async () => {
  const { feed, follower, stop, isClosed } = await setUp();
  const entering = feed.enter();
  stop();
  const session = await entering;
  await new Promise<void>(soon); // the session is closed by now

  session.follow(follower);
  assertEquals(isClosed(), false); // not before it has been let in
  await new Promise<void>(soon);
  assertEquals(isClosed(), true);
});

Deno.test("LiveFeed tells its followers that the queue has stopped, and lets nobody in after that", async () => {
  const { feed, follower, stop, isClosed } = await setUp();
  (await feed.enter()).follow(follower);

  stop();

  await assertRejects(() => feed.enter(), ClosedError);
  assertEquals(isClosed(), true);
});
