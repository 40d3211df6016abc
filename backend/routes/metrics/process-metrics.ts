import process from "node:process";
import { Counter, Gauge, type Registry } from "prom-client";

/** Adds metrics of this process, by the names that all Prometheus clients give them, to `registry`. */
export function writeProcess(registry: Registry, startedAt: number): void {
  const registers = [registry];
  const gauge = (name: string, help: string, value: number) => {
    new Gauge({ name, help: `${help} of this process.`, registers }).set(value);
  };
  const { rss, heapUsed, heapTotal } = process.memoryUsage();
  const { user, system } = process.cpuUsage();
  gauge("process_start_time_seconds", "Start, as a Unix time,", startedAt / 1000);
  gauge("process_resident_memory_bytes", "Resident memory", rss);
  gauge("process_heap_bytes", "Size of the JavaScript heap", heapTotal);
  gauge("process_heap_used_bytes", "Used part of the JavaScript heap", heapUsed);
  const cpu = new Counter({
    name: "process_cpu_seconds_total",
    help: "Time on processors, of this process.",
    registers,
  });
  cpu.inc((user + system) / 1e6);
}
