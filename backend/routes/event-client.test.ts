import { assertEquals, assertRejects } from "@std/assert";
import { EventClient } from "./event-client.ts";

const MOST = 1_048_576;

/** A client that reads only when the test does, and whether it is told to be gone. */
function setup() {
  const gone: EventClient[] = [];
  const client = new EventClient({
    filter: {},
    session: null,
    isAllowed: () => Promise.resolve(true),
    onGone: (client) => gone.push(client),
  });
  return { client, gone, reader: client.stream.getReader() };
}

Deno.test("EventClient takes a frame of any size though some waits: else who resumes would never get past it", async () => {
  const { client, gone, reader } = setup();

  client.send(new Uint8Array(10)); // the opening
  client.send(new Uint8Array(2 * MOST));
  assertEquals([client.isGone, client.isFull], [false, true]);
  assertEquals((await reader.read()).value?.length, 10);
  assertEquals((await reader.read()).value?.length, 2 * MOST);

  client.close();
  assertEquals([await reader.read(), gone], [{ done: true, value: undefined }, [client]]);
});

Deno.test("EventClient lets a mebibyte wait and one frame, and drops who would leave more unread, once", async () => {
  const { client, gone, reader } = setup();
  client.send(new Uint8Array(MOST));
  client.send(new Uint8Array(1));
  assertEquals(gone, []);

  client.send(new Uint8Array(1));
  client.send(new Uint8Array(1));
  client.close();

  assertEquals([client.isGone, gone], [true, [client]]);
  await assertRejects(() => reader.read(), Error, "The client reads too slowly");
});
