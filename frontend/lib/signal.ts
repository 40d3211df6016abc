import { useLayoutEffect, useState } from "preact/hooks";

/** A value that components show, which may change. */
export class Signal<T> {
  #value: T;
  readonly #listeners = new Set<() => void>();

  constructor(value: T) {
    this.#value = value;
  }

  get value(): T {
    return this.#value;
  }

  set value(value: T) {
    if (Object.is(value, this.#value)) return;
    this.#value = value;
    for (const listener of [...this.#listeners]) listener();
  }

  /** Calls `listener` after each change, until the returned function is called. */
  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }
}

/** A signal that only its owner changes. */
export type ReadonlySignal<T> = Pick<Readonly<Signal<T>>, "value">;

/** The value of a signal that stands outside of the component, which is rendered anew when it changes. */
export function useValue<T>(signal: Signal<T>): T {
  const [, show] = useState(() => signal.value);
  useLayoutEffect(() => {
    const update = () => show(() => signal.value);
    update(); // it may have changed since it was rendered
    return signal.subscribe(update);
  }, [signal]);
  return signal.value;
}

/**
 * A signal of the component itself, which is rendered anew when it changes. Unlike a state, it has its latest value
 * wherever it is read: in a listener, or after something was awaited.
 */
export function useSignal<T>(initial: T): Signal<T> {
  const [signal] = useState(() => new Signal(initial));
  useValue(signal);
  return signal;
}
