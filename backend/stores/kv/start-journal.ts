import { soon } from "../../lib/clock.ts";

/** Bytes of a record. No record crosses a page of the system's cache, so a kill cannot tear one. */
const RECORD = 64;
/** Records in the file. It is written round and round: overwriting is cheaper than appending. */
const RECORDS = 4_096;
/** A running start is written again when its record is this near to being overwritten; a process holds 1,000 jobs. */
const MARGIN = 1_024;
const SEQ_LENGTH = 36;
/** Where in a record its serial number, the start it is about, and the floor stand. */
const SERIAL_AT = 40;
const START_AT = 48;
const FLOOR_AT = 56;
/** Behind the records stands which instance of the process writes them. */
const SIGNATURE_AT = RECORD * RECORDS;
const SIGNATURE = 36;
/** Kinds of records: a handler starts, one ended out of turn, or only the floor rose. */
const START = 1;
const END = 2;
const FLOOR = 3;

/** A start whose handler runs. */
interface Start {
  seq: string;
  serial: number;
}

/**
 * Which handlers of a process run, so that its death is charged to them and to no other job. Written to a file before
 * each start, which survives SIGKILL: it is in the system's page cache. It is not synced; after a power failure it
 * may be old, and then a job is charged, or not, wrongly.
 *
 * Each record has a serial number and says the floor: the oldest start whose handler still runs; all before have
 * ended. So handlers that end in the order they started, as in a row of short jobs, need no record of their end.
 */
export class StartJournal {
  readonly #file: Deno.FsFile;
  /** By run, oldest record first. */
  readonly #running = new Map<string, Start>();
  /** Starts that ended since the last record. */
  #ended: number[] = [];
  /** Serial numbers begin at 1: an empty record has none. */
  #serial = 1;
  #noteDue = false;
  readonly #record = new Uint8Array(RECORD);
  readonly #numbers = new DataView(this.#record.buffer);

  readonly #signature: Uint8Array;

  /**
   * Signs the file; what a former process wrote stays until `clear()`.
   *
   * @param instance A UUID that stands for this process.
   */
  constructor(file: Deno.FsFile, instance: string) {
    this.#file = file;
    this.#signature = new TextEncoder().encode(instance);
    this.#sign();
  }

  /** The handler of job `seq` is about to run; `run` tells its runs apart. */
  started(seq: string, run: string): void {
    this.#noteEnds();
    this.#keepOldest();
    this.#start(seq, run);
  }

  /** The handler of this run has returned. `isOpen` is asked before anything is written later. */
  ended(run: string, isOpen: () => boolean): void {
    const start = this.#running.get(run);
    if (start === undefined) return;
    this.#running.delete(run);
    this.#ended.push(start.serial);
    if (this.#noteDue) return;
    this.#noteDue = true;
    soon(() => { // unless another start says it first
      this.#noteDue = false;
      if (this.#ended.length === 0 || !isOpen()) return;
      this.#noteEnds();
      this.#append(FLOOR, 0);
    });
  }

  /** Begins an empty journal. */
  clear(): void {
    this.#file.truncateSync(0);
    this.#sign();
    this.#running.clear();
    this.#ended = [];
    this.#serial = 1;
  }

  #sign(): void {
    this.#file.seekSync(SIGNATURE_AT, Deno.SeekMode.Start);
    this.#file.writeSync(this.#signature);
    this.#file.seekSync(0, Deno.SeekMode.Start);
  }

  #start(seq: string, run: string): void {
    this.#running.set(run, { seq, serial: this.#serial });
    for (let i = 0; i < SEQ_LENGTH; i++) this.#record[i + 1] = seq.charCodeAt(i);
    this.#append(START, this.#serial);
  }

  /** Writes what runs for long again, before the round comes to its record. */
  #keepOldest(): void {
    for (const [run, { seq, serial }] of this.#running) {
      if (this.#serial - serial < RECORDS - MARGIN) return;
      this.#running.delete(run);
      this.#start(seq, run);
    }
  }

  /** Ends below the floor go without saying. */
  #noteEnds(): void {
    const floor = this.#floor;
    for (const start of this.#ended) if (start > floor) this.#append(END, start);
    this.#ended = [];
  }

  get #floor(): number {
    for (const { serial } of this.#running.values()) return serial;
    return this.#serial;
  }

  #append(kind: number, start: number): void {
    this.#record[0] = kind;
    this.#numbers.setFloat64(SERIAL_AT, this.#serial);
    this.#numbers.setFloat64(START_AT, start);
    this.#numbers.setFloat64(FLOOR_AT, this.#floor);
    this.#file.writeSync(this.#record);
    if (this.#serial++ % RECORDS === 0) this.#file.seekSync(0, Deno.SeekMode.Start);
  }
}

/** Reads from a journal which handlers were running when its last record was written. */
export function readJournal(file: Deno.FsFile): Set<string> {
  const bytes = readAll(file);
  const numbers = new DataView(bytes.buffer);
  const started = new Map<number, string>();
  const ended = new Set<number>();
  const decoder = new TextDecoder();
  let last = 0;
  let floor = 0;
  for (let at = 0; at + RECORD <= bytes.length; at += RECORD) {
    const serial = numbers.getFloat64(at + SERIAL_AT);
    const start = numbers.getFloat64(at + START_AT);
    if (serial > last) [last, floor] = [serial, numbers.getFloat64(at + FLOOR_AT)];
    if (bytes[at] === START) started.set(start, decoder.decode(bytes.subarray(at + 1, at + 1 + SEQ_LENGTH)));
    else if (bytes[at] === END) ended.add(start);
  }
  const running = [...started].filter(([start]) => start >= floor && !ended.has(start));
  return new Set(running.map(([, seq]) => seq));
}

/** Which instance of a process signed the file; empty if none has. */
export function readSignature(file: Deno.FsFile): string {
  const bytes = new Uint8Array(SIGNATURE);
  file.seekSync(SIGNATURE_AT, Deno.SeekMode.Start);
  return file.readSync(bytes) === SIGNATURE ? new TextDecoder().decode(bytes) : "";
}

function readAll(file: Deno.FsFile): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(file.statSync().size);
  const writesAt = file.seekSync(0, Deno.SeekMode.Current);
  file.seekSync(0, Deno.SeekMode.Start);
  for (let read = 0; read < bytes.length;) {
    const n = file.readSync(bytes.subarray(read));
    if (n === null) break;
    read += n;
  }
  file.seekSync(writesAt, Deno.SeekMode.Start);
  return bytes;
}
