import type { Api } from "./api.ts";

/**
 * Makes a schedule "0 3 * * *" of jobs "report", then changes what is stored of it, by default to an expression that
 * cannot be read: as another version of the program, or a bad disk, may have left it.
 */
export async function breakSchedule(
  { scheduler, store, clock }: Api,
  name: string,
  fields?: Record<string, unknown>,
): Promise<void> {
  await scheduler.create({ name, expression: "0 3 * * *", job: { type: "report" } });
  const record = await store.record("schedule", name);
  if (record === null) throw new Error(`There is no schedule "${name}"`);
  const stored = record.value as { definition: Record<string, unknown> };
  const definition = { ...stored.definition, expression: "0 25 * * *" };
  const value = { ...stored, definition, ...fields };
  await store.commit({ put: [{ kind: "schedule", key: name, value, expect: record.version }] }, clock.now());
}
