/** One event as a client sees it. */
export interface ReceivedEvent {
  event: string;
  data: unknown;
}

/** Reads server-sent events as a browser does. */
export class EventReader {
  readonly #reader: ReadableStreamDefaultReader<string>;
  readonly #events: ReceivedEvent[] = [];
  #text = "";
  /** Where it would resume. */
  lastEventId = "";
  /** Comments and times to come back, as they came. */
  readonly others: string[] = [];

  constructor(body: ReadableStream<Uint8Array>) {
    this.#reader = body.pipeThrough(new TextDecoderStream()).getReader();
  }

  /** The next event; null at the end. */
  async next(): Promise<ReceivedEvent | null> {
    for (;;) {
      const event = this.#events.shift();
      if (event !== undefined) return event;
      if (!await this.read()) return null;
    }
  }

  /** Events up to the first that `isLast`, that included. @throws {Error} The stream ends before. */
  async until(isLast: (event: ReceivedEvent) => boolean): Promise<ReceivedEvent[]> {
    const events: ReceivedEvent[] = [];
    for (;;) {
      const event = await this.next();
      if (event === null) throw new Error(`The stream ended after ${JSON.stringify(events)}`);
      events.push(event);
      if (isLast(event)) return events;
    }
  }

  /** Reads what has come. @returns False at the end. */
  async read(): Promise<boolean> {
    const { done, value } = await this.#reader.read();
    if (done) return false;
    this.#text += value;
    for (let end = this.#text.indexOf("\n\n"); end >= 0; end = this.#text.indexOf("\n\n")) {
      this.#take(this.#text.slice(0, end));
      this.#text = this.#text.slice(end + 2);
    }
    return true;
  }

  /** Goes away. */
  async cancel(): Promise<void> {
    await this.#reader.cancel();
  }

  #take(block: string): void {
    let event = "message";
    let data: string | null = null;
    for (const line of block.split("\n")) {
      const [, name = "", value = ""] = /^([^:]*): ?(.*)$/.exec(line) ?? [];
      if (name === "event") event = value;
      else if (name === "data") data = value;
      else if (name === "id") this.lastEventId = value;
      else this.others.push(line);
    }
    if (data !== null) this.#events.push({ event, data: JSON.parse(data) });
  }
}
