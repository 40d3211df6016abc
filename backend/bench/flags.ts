import { InvalidArgumentError } from "commander";

/** A whole number from 1 to 9999. */
export function wholeNumber(value: string): number {
  if (!/^[1-9]\d{0,3}$/.test(value)) throw new InvalidArgumentError("It must be a whole number from 1.");
  return Number(value);
}

/** Some of `known`, divided by commas. */
export function namesOf<Name extends string>(known: readonly Name[]): (value: string) => Name[] {
  return (value) =>
    value.split(",").map((name) => {
      const found = known.find((other) => other === name);
      if (found === undefined) throw new InvalidArgumentError(`There is no ${name}.`);
      return found;
    });
}
