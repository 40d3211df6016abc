import { assert, assertEquals } from "@std/assert";
import { Hono } from "hono";
import { FakeClock } from "../../testing/fake-clock.ts";
import { jsonBody, MAX_BODY_BYTES } from "./body.ts";
import { inOrder } from "./checks.ts";
import { onError } from "./problem.ts";

function setup(most?: number, length?: number) {
  const clock = new FakeClock();
  const app = new Hono();
  app.use(inOrder([jsonBody({ clock, ...(most === undefined ? {} : { most }) })]));
  app.post("/", async (c) => c.json(await c.req.json()));
  app.onError(onError);
  const post = (body: BodyInit | null, type = "application/json") => {
    const headers = {
      "Content-Type": type,
      ...(length === undefined ? {} : { "Content-Length": `${length}` }),
    };
    return app.request("/", { method: "POST", body, headers });
  };
  return { clock, post };
}

/** A body that a test sends piece by piece. */
function slowBody() {
  const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>();
  const writer = writable.getWriter();
  return { body: readable, send: (text: string) => writer.write(new TextEncoder().encode(text)), writer };
}

Deno.test("jsonBody() cuts off a body that has not arrived within ten seconds, and says so", async () => {
  const { clock, post } = setup();
  const { body, send, writer } = slowBody();
  const answer = Promise.resolve(post(body));
  await send('{"a":');
  await clock.asleep(1);
  clock.advance(9_999);
  await send('"b');
  clock.advance(1);

  const { status, headers } = await answer;
  const { code } = await (await answer).json();
  assertEquals([status, code, headers.get("Connection")], [408, "body_too_slow", "close"]);
  assert(await writer.write(new Uint8Array(1)).then(() => false, () => true)); // nobody reads on
});

Deno.test("jsonBody() waits for a body that arrives in time, in however many pieces", async () => {
  const { clock, post } = setup();
  const { body, send, writer } = slowBody();
  const answer = Promise.resolve(post(body));
  for (const piece of ["{", '"a"', ":1", "}"]) {
    await send(piece);
    clock.advance(2_000);
  }
  await writer.close();

  assertEquals(await (await answer).json(), { a: 1 });
});

Deno.test("jsonBody() gives each of several requests ten seconds of its own", async () => {
  const { clock, post } = setup();
  const [first, second] = [slowBody(), slowBody()];
  const early = Promise.resolve(post(first.body));
  await clock.asleep(1);
  clock.advance(6_000);
  const late = Promise.resolve(post(second.body));
  await second.send("{");
  clock.advance(4_000);
  assertEquals((await early).status, 408);
  await clock.asleep(1);
  await second.send("}");
  await second.writer.close();

  assertEquals((await late).status, 200);
});

Deno.test("jsonBody() refuses what is too long as soon as it knows, and what is of another type", async () => {
  const { post } = setup(10);
  assertEquals((await post('"12345678"')).status, 200);
  assertEquals((await post('"123456789"')).status, 413);
  const { post: postAny } = setup();
  assertEquals((await postAny(new Uint8Array(MAX_BODY_BYTES + 1))).status, 413);

  for (
    const type of ["application/json; charset=utf-8", 'Application/JSON;charset="UTF-8"', "application/json;"]
  ) {
    assertEquals((await postAny("{}", type)).status, 200, type);
  }
  const wrong = [
    "text/plain",
    "application/jsonp",
    "application/json; charset=latin1",
    "text/plain;application/json",
  ];
  for (
    const type of [...wrong, "application/json; a=b; charset=utf-8", "application/x-www-form-urlencoded"]
  ) {
    assertEquals((await postAny("{}", type)).status, 415, type);
  }
});

Deno.test("jsonBody() treats a short body that tells its length as any other", async () => {
  const { post } = setup(10, 10);
  assertEquals(await (await post('"12345678"')).json(), "12345678");
  assertEquals((await post('"123456789"')).status, 413); // longer than it says
  assertEquals((await setup(10, 11).post('"123456789"')).status, 413);
  assertEquals((await post("{}", "text/plain")).status, 415);
  assertEquals((await (await post(new Uint8Array([0x22, 0xff, 0x22]))).json()).code, "malformed_json");

  const { clock, post: postSlowly } = setup(undefined, 10);
  const { body, send, writer } = slowBody();
  const late = Promise.resolve(postSlowly(body));
  await send('{"a":');
  await clock.asleep(1);
  clock.advance(10_000);
  assertEquals((await late).status, 408);
  await writer.close();
});
