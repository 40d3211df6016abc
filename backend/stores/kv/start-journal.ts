import { soon } from "../../lib/clock.ts";

/** Bytes of a record. No record crosses a page of the system's cache, so a kill cannot tear one. */
const RECORD = 64;
const SEQ_LENGTH = 36;
/** Where in a record its number and the floor stand. */
const NUMBER_AT = 40;
const FLOOR_AT = 44;
/** Kinds of records: a handler starts, one ended out of turn, or only the floor rose. */
const START = 1;
const END = 2;
const FLOOR = 3;
/** Records after which the journal begins again at the first moment at which no handler runs. */
const LONG = 16_384;

/**
 * Which handlers of a process run, so that its death is charged to them and to no other job. Appended to a file before
 * each start, which survives SIGKILL: it is in the system's page cache. It is not synced; after a power failure it
 * may be old, and then a job is charged, or not, wrongly.
 *
 * Starts are numbered. Each record also says the floor: the oldest start whose handler still runs; all before
 * have ended. So handlers that end in the order they started, as in a row of short jobs, need no record of their end.
 */
export class StartJournal {
  readonly #file: Deno.FsFile;
  /** Numbers of the starts whose handlers run, by run, oldest first. */
  readonly #running = new Map<string, number>();
  /** Ended since the last record. */
  #ended: number[] = [];
  #next = 0;
  #records = 0;
  #noteDue = false;
  readonly #record = new Uint8Array(RECORD);
  readonly #numbers = new DataView(this.#record.buffer);

  constructor(file: Deno.FsFile) {
    this.#file = file;
  }

  /** The handler of job `seq` is about to run; `run` tells its runs apart. */
  started(seq: string, run: string): void {
    const number = this.#next++;
    this.#running.set(run, number);
    this.#noteEnds();
    for (let i = 0; i < SEQ_LENGTH; i++) this.#record[i + 1] = seq.charCodeAt(i);
    this.#append(START, number);
  }

  /** The handler of this run has returned. `isOpen` is asked before anything is written later. */
  ended(run: string, isOpen: () => boolean): void {
    const number = this.#running.get(run);
    if (number === undefined) return;
    this.#running.delete(run);
    this.#ended.push(number);
    if (this.#noteDue) return;
    this.#noteDue = true;
    soon(() => { // unless another start says it first
      this.#noteDue = false;
      if (this.#ended.length === 0 || !isOpen()) return;
      if (this.#running.size === 0 && this.#records > LONG) return this.clear();
      this.#noteEnds();
      this.#append(FLOOR, 0);
    });
  }

  /** Begins an empty journal. */
  clear(): void {
    this.#file.truncateSync(0);
    this.#running.clear();
    this.#ended = [];
    this.#next = this.#records = 0;
  }

  /** Ends below the floor go without saying. */
  #noteEnds(): void {
    const floor = this.#floor;
    for (const number of this.#ended) if (number > floor) this.#append(END, number);
    this.#ended = [];
  }

  get #floor(): number {
    for (const number of this.#running.values()) return number;
    return this.#next;
  }

  #append(kind: number, number: number): void {
    this.#record[0] = kind;
    this.#numbers.setUint32(NUMBER_AT, number);
    this.#numbers.setUint32(FLOOR_AT, this.#floor);
    this.#file.writeSync(this.#record);
    this.#records++;
  }
}

/** Reads from a journal which handlers were running when its last record was written. */
export function readJournal(file: Deno.FsFile): Set<string> {
  const bytes = readAll(file);
  const numbers = new DataView(bytes.buffer);
  const started = new Map<number, string>();
  const decoder = new TextDecoder();
  let floor = 0;
  for (let at = 0; at + RECORD <= bytes.length; at += RECORD) {
    const number = numbers.getUint32(at + NUMBER_AT);
    floor = numbers.getUint32(at + FLOOR_AT);
    if (bytes[at] === START) started.set(number, decoder.decode(bytes.subarray(at + 1, at + 1 + SEQ_LENGTH)));
    else if (bytes[at] === END) started.delete(number);
  }
  return new Set([...started].filter(([number]) => number >= floor).map(([, seq]) => seq));
}

function readAll(file: Deno.FsFile): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(file.statSync().size);
  file.seekSync(0, Deno.SeekMode.Start);
  for (let read = 0; read < bytes.length;) {
    const n = file.readSync(bytes.subarray(read));
    if (n === null) break;
    read += n;
  }
  return bytes;
}
