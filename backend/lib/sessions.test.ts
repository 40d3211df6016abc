import { assert, assertEquals } from "@std/assert";
import { KvLab } from "../stores/kv/fixture.ts";
import { MemoryStore } from "../stores/memory.ts";
import { FakeClock } from "../testing/fake-clock.ts";
import { deleteExpired } from "./expired-records.ts";
import { CODE_LIFETIME, type DigestOf, SESSION_LIFETIME, Sessions } from "./sessions.ts";
import type { Store } from "./store.ts";

const DIGEST = new Uint8Array(32).fill(7);
const OTHER = new Uint8Array(32).fill(8);
const digestOf: DigestOf = (role) => role === "admin" ? DIGEST : null;

async function setup() {
  const clock = new FakeClock();
  const store = new MemoryStore();
  await store.open(clock.now());
  return { clock, store, sessions: sessionsOn(store, clock) };
}

function sessionsOn(store: Store, clock: FakeClock): Sessions {
  return new Sessions({ clock, store: () => Promise.resolve(store) });
}

Deno.test("Sessions.find() knows a session by its secret until twelve hours have passed", async () => {
  const { clock, sessions } = await setup();
  const { secret, ...session } = await sessions.open("admin", DIGEST);

  assertEquals(session.expiresAt - session.createdAt, 12 * 3_600_000);
  assertEquals(await sessions.find(secret, digestOf), session);
  clock.advance(SESSION_LIFETIME - 1);
  assertEquals(await sessions.find(secret, digestOf), session);
  clock.advance(1);
  assertEquals(await sessions.find(secret, digestOf), null);
});

Deno.test("Sessions.find() knows nobody by anything else", async () => {
  const { store, sessions } = await setup();
  const { secret } = await sessions.open("admin", DIGEST);
  const code = await sessions.makeCode("admin", DIGEST);
  const keys = (await store.records("session")).map(({ key }) => key);

  const changed = (secret.startsWith("A") ? "B" : "A") + secret.slice(1);
  for (const wrong of ["", "x", changed, secret.slice(1), `${secret}A`, code, ...keys]) {
    assertEquals(await sessions.find(wrong, digestOf), null, wrong);
  }
});

Deno.test("A session and a code end when the token they came from is another, or its role has none", async () => {
  const { sessions } = await setup();
  const { secret } = await sessions.open("admin", DIGEST);
  const code = await sessions.makeCode("admin", DIGEST);

  for (const digest of [OTHER, null]) {
    assertEquals(await sessions.find(secret, () => digest), null);
    assertEquals(await sessions.redeem(code, () => digest), null);
  }
  assert(await sessions.find(secret, digestOf));
  assert(await sessions.redeem(code, digestOf));
});

Deno.test("The store holds neither secret nor code, nor what tells the token without them", async () => {
  const { store, sessions } = await setup();
  const { secret } = await sessions.open("admin", DIGEST);
  const again = await sessions.open("admin", DIGEST);
  const code = await sessions.makeCode("admin", DIGEST);
  const records = await store.records("session");

  const text = JSON.stringify(records);
  for (const hidden of [secret, again.secret, code]) assert(!text.includes(hidden));
  const seals = records.map(({ value }) => (value as { seal: string }).seal);
  assertEquals(new Set(seals).size, 3); // of one token
});

Deno.test("Sessions.redeem() takes a code once, for ten minutes", async () => {
  const { clock, sessions } = await setup();
  const [used, late] = [await sessions.makeCode("admin", DIGEST), await sessions.makeCode("admin", DIGEST)];
  assert(/^[\w-]{22}$/.test(used)); // 128 bits

  const opened = await sessions.redeem(used, digestOf);
  assertEquals(opened?.role, "admin");
  assert(await sessions.find(opened?.secret ?? "", digestOf));
  assertEquals(await sessions.redeem(used, digestOf), null);

  clock.advance(CODE_LIFETIME);
  assertEquals(await sessions.redeem(late, digestOf), null);
  for (const wrong of ["", "a", "a".repeat(22), `${late}A`, opened?.secret ?? ""]) {
    assertEquals(await sessions.redeem(wrong, digestOf), null, wrong);
  }
});

Deno.test("Sessions.end() ends one session, also a second time", async () => {
  const { sessions } = await setup();
  const [mine, other] = [await sessions.open("admin", DIGEST), await sessions.open("admin", DIGEST)];

  const ended: unknown[] = [];
  for (const secret of [mine.secret, mine.secret, "", "a".repeat(43)]) ended.push(await sessions.end(secret));

  const { secret: _, ...session } = mine;
  assertEquals(ended, [session, null, null, null]);
  assertEquals(await sessions.find(mine.secret, digestOf), null);
  assert(await sessions.find(other.secret, digestOf));
});

Deno.test("Two processes on one file share sessions and codes, and one code makes one session", async () => {
  const clock = new FakeClock();
  const lab = new KvLab(clock);
  try {
    const here = sessionsOn(await lab.open(), clock);
    const there = sessionsOn(await lab.open(), clock);

    const { secret } = await here.open("admin", DIGEST);
    assert(await there.find(secret, digestOf));
    await there.end(secret);
    assertEquals(await here.find(secret, digestOf), null);

    for (let i = 0; i < 20; i++) {
      const code = await here.makeCode("admin", DIGEST);
      const opened = await Promise.all([here, there, here, there].map((all) => all.redeem(code, digestOf)));
      assertEquals(opened.filter((session) => session !== null).length, 1);
    }
    assertEquals((await (await lab.open()).records("session")).length, 20); // no code is left
  } finally {
    await lab.dispose();
  }
});

Deno.test("The cleanup of expired sessions deletes those whose time is over, and old codes", async () => {
  const { clock, store, sessions } = await setup();
  await sessions.makeCode("admin", DIGEST);
  const { secret } = await sessions.open("admin", DIGEST);
  clock.advance(CODE_LIFETIME);
  const sweep = () => deleteExpired(store, "session", { now: clock.now(), dryRun: false, signal: undefined });

  assertEquals(await sweep(), 1);
  assert(await sessions.find(secret, digestOf));
  clock.advance(SESSION_LIFETIME);
  assertEquals(await sweep(), 1);
});

Deno.test("A record that cannot be read is nobody's session", async () => {
  const { clock, store, sessions } = await setup();
  const { secret } = await sessions.open("admin", DIGEST);
  const [record] = await store.records("session");
  const good = record?.value as Record<string, unknown>;
  let version = record?.version ?? null;

  const bad = [{}, { ...good, seal: "" }, { ...good, seal: "a".repeat(43) }, { ...good, role: 5 }, {
    ...good,
    expiresAt: "9999",
  }, { ...good, role: "viewer" }];
  for (const value of [null, "x", [], ...bad]) {
    const put = [{ kind: "session", key: record?.key ?? "", value, expect: version }];
    await store.commit({ put }, clock.now());
    version = (await store.records("session"))[0]?.version ?? null;
    assertEquals(await sessions.find(secret, digestOf), null, JSON.stringify(value));
  }
});
