import { assertEquals } from "@std/assert";
import { ReadyLane, ReadyPage } from "./ready-lane.ts";

/** A page of jobs "00", "01"… at a due time. */
function pageOf(seqs: readonly string[], dueAt = 1_000, priority = 0): ReadyPage {
  const place = ["p/ready", "default", "email", 0 - priority, dueAt];
  return new ReadyPage(place, seqs.map((seq) => ({ seq, text: "" })), 100);
}

function laneOf(pages: readonly ReadyPage[], bound: ReadyPage | null = null): ReadyLane {
  const lane = new ReadyLane("default", "email");
  lane.bound = bound?.entries[0] ?? null;
  for (const page of pages) lane.put(page);
  return lane;
}

/** Takes all that can be taken, in its order. */
function drain(lane: ReadyLane): string[] {
  const seqs: string[] = [];
  for (let entry = lane.at(0); entry; entry = lane.at(0)) {
    seqs.push(entry.seq);
    lane.take(1);
  }
  return seqs;
}

Deno.test("ReadyLane: higher priority first, then earlier due time, then the order of adding", () => {
  const lane = laneOf([
    pageOf(["04"], 1_001),
    pageOf(["01", "05"]),
    pageOf(["03"]),
    pageOf(["09"], 2_000, 5),
  ]);

  assertEquals(drain(lane), ["09", "01", "03", "05", "04"]);
  assertEquals(lane.at(0), null);
});

Deno.test("ReadyLane: a job behind the first page not in memory waits until that is read", () => {
  const unread = pageOf(["03", "06"]);
  const lane = laneOf([pageOf(["01", "05"]), pageOf(["02"])], unread);

  assertEquals(drain(lane), ["01", "02"]);
  assertEquals([lane.at(0), lane.isOpen, lane.hasJobs, lane.length], [undefined, true, false, 1]);

  lane.bound = null;
  lane.put(unread);
  assertEquals(drain(lane), ["03", "05", "06"]);
});

Deno.test("ReadyLane: a page that will be read anyway is not kept, and none twice", () => {
  const lane = laneOf([pageOf(["01"])], pageOf(["05"]));
  lane.put(pageOf(["07"]));
  lane.put(pageOf(["01"]));
  lane.put(pageOf(["02"]));

  assertEquals([drain(lane), lane.length], [["01", "02"], 0]);
});

Deno.test("ReadyLane: memory is bounded, and what it forgets it will read again", () => {
  const seqs = Array.from({ length: 12_000 }, (_, i) => String(i).padStart(5, "0"));
  const pages = Array.from({ length: 200 }, (_, i) => seqs.slice(i * 60, i * 60 + 60));
  const lane = laneOf(pages.map((page) => pageOf(page)));

  const had = lane.length;
  assertEquals(had >= 2_400 && had <= 5_000, true);
  assertEquals(drain(lane), seqs.slice(0, had));
  assertEquals(lane.bound?.seq, seqs[had]);
});
