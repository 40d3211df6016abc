import { assert, assertEquals, assertRejects, assertStrictEquals } from "@std/assert";
import { InputTypeError } from "../../lib/errors.ts";
import { makeCertificate } from "../../testing/certificate.ts";
import { FakeClock } from "../../testing/fake-clock.ts";
import { serveLocally } from "../../testing/local-server.ts";
import { AddressRefusedError, type Resolver, safeRequest } from "./safe-request.ts";

const allowed = { allowPrivateUrls: true };
const refused = { allowPrivateUrls: false };

/** A resolver that counts its calls and answers with `addresses`. */
function resolverOf(...addresses: string[]): { resolve: Resolver; asked: string[] } {
  const asked: string[] = [];
  return {
    asked,
    resolve: (hostname) => {
      asked.push(hostname);
      return Promise.resolve(
        addresses.map((address) => ({ address, family: address.includes(":") ? 6 : 4 })),
      );
    },
  };
}

const never: Resolver = () => {
  throw new Error("Nothing may be resolved here");
};

function textOf(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}

/** A body whose chunks are sent by hand. `closed` resolves when the client has gone. */
function slowBody() {
  const closed = Promise.withResolvers<void>();
  let controller: ReadableStreamDefaultController<Uint8Array> | undefined;
  const stream = new ReadableStream<Uint8Array>({
    start: (c) => void (controller = c),
    cancel: () => closed.resolve(),
  });
  return {
    stream,
    send: (text: string) => controller?.enqueue(new TextEncoder().encode(text)),
    closed: closed.promise,
  };
}

Deno.test("safeRequest() sends method, path, headers and body, and returns status, headers and body", async () => {
  await using server = serveLocally(async (request) => {
    const { pathname, search } = new URL(request.url);
    const { method, headers } = request;
    return Response.json(
      { method, path: pathname + search, header: headers.get("x-one"), body: await request.text() },
      { status: 418, headers: { "x-two": "2" } },
    );
  });

  const response = await safeRequest(`${server.origin}/a?b=c#d`, {
    method: "PUT",
    headers: { "X-One": "1" },
    body: new TextEncoder().encode("héllo"),
  }, allowed);

  assertEquals(response.status, 418);
  assertEquals(response.headers["x-two"], "2");
  assertEquals(response.complete, true);
  assertEquals(JSON.parse(textOf(response.body)), {
    method: "PUT",
    path: "/a?b=c",
    header: "1",
    body: "héllo",
  });
});

Deno.test("safeRequest() refuses a literal private address in every spelling, and connects to nothing", async () => {
  let connections = 0;
  await using server = serveLocally(() => {
    connections++;
    return new Response();
  });
  const hosts = [
    "127.0.0.1",
    "127.1",
    "0x7f000001",
    "2130706433",
    "017700000001",
    "[::ffff:127.0.0.1]",
    "[::1]",
    "0",
  ];

  for (const host of hosts) {
    const options = { ...refused, resolve: never };
    await assertRejects(
      () => safeRequest(`http://${host}:${server.port}/`, {}, options),
      AddressRefusedError,
    );
  }
  assertEquals(connections, 0);
});

Deno.test("safeRequest() refuses a name if any of its addresses is refused", async () => {
  for (
    const addresses of [["127.0.0.1"], ["1.1.1.1", "10.0.0.1"], ["2606:4700::1111", "::1"], ["fe80::1%2"]]
  ) {
    const { resolve } = resolverOf(...addresses);
    const error = await assertRejects(
      () => safeRequest("http://hook.example/", {}, { ...refused, resolve }),
      AddressRefusedError,
    );
    assertEquals(error.hostname, "hook.example");
    for (const address of addresses) assert(!error.message.includes(address), "an inner address is shown");
  }
});

Deno.test("safeRequest() resolves a name once and connects to the address it checked", async () => {
  await using server = serveLocally((request) => new Response(request.headers.get("host")));
  const { resolve, asked } = resolverOf("127.0.0.1");

  const response = await safeRequest(`http://hook.example:${server.port}/`, {}, { ...allowed, resolve });

  assertEquals(asked, ["hook.example"]);
  assertEquals(textOf(response.body), `hook.example:${server.port}`);
});

Deno.test("safeRequest() goes on to the next checked address when the first does not answer", async () => {
  await using server = serveLocally(() => new Response("here"));
  const { resolve } = resolverOf("127.0.0.2", "127.0.0.1"); // nothing listens on the first

  const response = await safeRequest(`http://hook.example:${server.port}/`, {}, { ...allowed, resolve });

  assertEquals(textOf(response.body), "here");
});

Deno.test("safeRequest() rejects when the name has no address", async () => {
  const { resolve } = resolverOf();

  await assertRejects(
    () => safeRequest("http://hook.example/", {}, { ...refused, resolve }),
    Error,
    'Cannot find an address of "hook.example"',
  );
});

Deno.test("safeRequest() checks a certificate against the name, not the address", async () => {
  const certificate = makeCertificate("hook.example");
  await using server = serveLocally(() => new Response("secret"), certificate);
  const { resolve } = resolverOf("127.0.0.1");
  const send = (host: string, ca?: string) => {
    const options = { ...allowed, resolve, ...(ca === undefined ? {} : { ca }) };
    return safeRequest(`https://${host}:${server.port}/`, {}, options);
  };

  const response = await send("hook.example", certificate.cert);

  assertEquals(textOf(response.body), "secret");
  await assertRejects(() => send("other.example", certificate.cert), Error, "altnames");
  await assertRejects(() => send("127.0.0.1", certificate.cert), Error, "altnames");
  await assertRejects(() => send("hook.example"), Error, "self-signed");
  await assertRejects(() => send("hook.example", makeCertificate("hook.example").cert), Error);
});

Deno.test("safeRequest() checks certificates also when the environment says not to", async () => {
  await using server = serveLocally(() => new Response(), makeCertificate("hook.example"));
  const { resolve } = resolverOf("127.0.0.1");
  Deno.env.set("NODE_TLS_REJECT_UNAUTHORIZED", "0");
  try {
    const options = { ...allowed, resolve };
    await assertRejects(
      () => safeRequest(`https://hook.example:${server.port}/`, {}, options),
      Error,
      "self-signed",
    );
  } finally {
    Deno.env.delete("NODE_TLS_REJECT_UNAUTHORIZED");
  }
});

Deno.test("safeRequest() uses no proxy of the environment", async () => {
  await using server = serveLocally(() => new Response("direct"));
  const variables = {
    NODE_USE_ENV_PROXY: "1",
    HTTP_PROXY: "http://127.0.0.1:1",
    http_proxy: "http://127.0.0.1:1",
  };
  for (const [name, value] of Object.entries(variables)) Deno.env.set(name, value);
  try {
    assertEquals(textOf((await safeRequest(server.origin, {}, allowed)).body), "direct");
  } finally {
    for (const name of Object.keys(variables)) Deno.env.delete(name);
  }
});

Deno.test("safeRequest() shares its connection with no other request, which may be to another address", async () => {
  await using server = serveLocally((request) => new Response(request.headers.get("connection")));

  assertEquals(textOf((await safeRequest(server.origin, {}, allowed)).body), "close");
});

Deno.test("safeRequest() returns a redirect and does not follow it", async () => {
  const paths: string[] = [];
  await using server = serveLocally((request) => {
    paths.push(new URL(request.url).pathname);
    return new Response(null, { status: 307, headers: { location: "/other" } });
  });

  assertEquals((await safeRequest(`${server.origin}/first`, {}, allowed)).status, 307);
  assertEquals(paths, ["/first"]);
});

Deno.test("safeRequest() reads at most maxBodyBytes and says that the body was cut", async () => {
  await using server = serveLocally(() => new Response("abcdefghij"));
  const read = async (maxBodyBytes: number) => {
    const { body, complete } = await safeRequest(server.origin, {}, { ...allowed, maxBodyBytes });
    return [textOf(body), complete];
  };

  assertEquals(await read(10), ["abcdefghij", true]);
  assertEquals(await read(9), ["abcdefghi", false]);
  assertEquals(await read(0), ["", false]);
});

Deno.test("safeRequest() lets go of an endless body once it has read enough", async () => {
  const { stream, send, closed } = slowBody();
  send("x".repeat(100));
  await using server = serveLocally(() => new Response(stream));

  const clock = new FakeClock(); // no timeout helps
  const response = await safeRequest(server.origin, {}, { ...allowed, clock, maxBodyBytes: 50 });

  assertEquals([response.status, response.body.byteLength, response.complete], [200, 50, false]);
  await closed;
});

Deno.test("safeRequest() returns the status when the body does not end within bodyTimeout", async () => {
  const clock = new FakeClock();
  const { stream, send, closed } = slowBody();
  send("so far");
  await using server = serveLocally(() => new Response(stream, { status: 202 }));

  const sent = safeRequest(server.origin, {}, { ...allowed, clock, bodyTimeout: 3_000 });
  await clock.asleep(1);
  clock.advance(3_000);
  const response = await sent;

  assertEquals([response.status, response.complete], [202, false]);
  await closed;
});

Deno.test("safeRequest() rejects with the signal's reason: before it starts, while resolving, waiting and reading", async () => {
  const arrived = Promise.withResolvers<void>();
  const answer = Promise.withResolvers<Response>();
  const { stream, send } = slowBody();
  send("begun");
  await using server = serveLocally((request) => {
    if (request.url.endsWith("/body")) return new Response(stream);
    arrived.resolve();
    return answer.promise;
  });
  const reason = new Error("Enough");

  await assertReason(
    reason,
    safeRequest(server.origin, {}, { ...allowed, signal: AbortSignal.abort(reason) }),
  );

  const resolving = new AbortController();
  const forever = () => new Promise<never>(() => {});
  const first = safeRequest("http://hook.example/", {}, {
    ...allowed,
    resolve: forever,
    signal: resolving.signal,
  });
  resolving.abort(reason);
  await assertReason(reason, first);

  const waiting = new AbortController();
  const second = safeRequest(server.origin, {}, { ...allowed, signal: waiting.signal });
  await arrived.promise;
  waiting.abort(reason);
  await assertReason(reason, second);
  answer.resolve(new Response());

  const reading = new AbortController();
  const clock = new FakeClock();
  const third = safeRequest(`${server.origin}/body`, {}, { ...allowed, clock, signal: reading.signal });
  await clock.asleep(1);
  reading.abort(reason);
  await assertReason(reason, third);
});

async function assertReason(reason: Error, sent: Promise<unknown>): Promise<void> {
  assertStrictEquals(await assertRejects(() => sent), reason);
}

Deno.test("safeRequest() rejects when the connection is refused or closed without an answer", async () => {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr as Deno.NetAddr;

  const sent = safeRequest(`http://127.0.0.1:${port}/`, {}, allowed);
  (await listener.accept()).close();

  await assertRejects(() => sent, Error);
  await assertRejects(() => safeRequest("http://127.0.0.1:1/", {}, allowed), Error, "ECONNREFUSED");
});

/** Accepts one connection and answers it with `bytes`, however wrong. */
async function answerRaw(listener: Deno.TcpListener, bytes: string): Promise<void> {
  using connection = await listener.accept();
  await connection.read(new Uint8Array(4_096));
  await connection.write(new TextEncoder().encode(bytes));
}

Deno.test("safeRequest() rejects an answer that is not HTTP, switches protocols, or has endless headers", async () => {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const url = `http://127.0.0.1:${(listener.addr as Deno.NetAddr).port}/`;
  const answers = [
    "hello\r\n\r\n",
    "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n",
    `HTTP/1.1 200 OK\r\nX-Long: ${"x".repeat(100_000)}\r\nContent-Length: 0\r\n\r\n`,
  ];

  for (const answer of answers) {
    const sent = safeRequest(url, {}, allowed);
    await answerRaw(listener, answer).catch(() => {});
    await assertRejects(() => sent, Error);
  }
});

Deno.test("safeRequest() returns what came of a body whose connection was lost", async () => {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });

  const sent = safeRequest(`http://127.0.0.1:${(listener.addr as Deno.NetAddr).port}/`, {}, allowed);
  await answerRaw(listener, "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf");
  const response = await sent;

  assertEquals([response.status, textOf(response.body), response.complete], [200, "half", false]);
});

Deno.test("safeRequest() refuses a header that holds a line break", async () => {
  const bad: Record<string, string>[] = [{ "x-a": "1\r\nx-b: 2" }, { "x-a\r\nx-b": "1" }];
  for (const headers of bad) {
    await assertRejects(() => safeRequest("http://127.0.0.1:1/", { headers }, allowed), TypeError);
  }
});

Deno.test("safeRequest() refuses a bad URL by its field", async () => {
  const error = await assertRejects(() => safeRequest("ftp://example.com/", {}, refused), InputTypeError);

  assertEquals(error.issues[0]?.path, "url");
});
