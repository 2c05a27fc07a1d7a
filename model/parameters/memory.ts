import { ServerParameter } from "./parameter";

const HARDENING = "guide: Security Hardening";

/**
 * The memory parameters. They follow the instance class by RDS's formulas: `DBInstanceClassMemory` is its memory in bytes. The
 * guide's fixed values would starve a large instance, and take more than a small one has.
 */
export const MEMORY_PARAMETERS: ServerParameter[] = [
  {
    name: "shared_buffers",
    value: "{DBInstanceClassMemory/32768}",
    unit: "8 kB pages",
    apply: "static",
    why: "A quarter of the memory. The guide's 256 MB is a quarter of the smallest class, and next to nothing of the others.",
    controls: [HARDENING],
    allowed: { min: 16 },
  },
  {
    name: "effective_cache_size",
    value: "{DBInstanceClassMemory/16384}",
    unit: "8 kB pages",
    apply: "dynamic",
    why: "Half of the memory: what the planner may take for cached, the operating system's cache included.",
    controls: [HARDENING],
    allowed: { min: 1 },
  },
  {
    name: "work_mem",
    value: "GREATEST({DBInstanceClassMemory/1048576},4096)",
    unit: "kB",
    apply: "dynamic",
    why: "A thousandth of the memory, 4 MB at least: 100 sessions that sort take a tenth. The guide's 16 MB would take more than the smallest class has.",
    controls: [HARDENING],
    allowed: { min: 64 },
  },
  {
    name: "maintenance_work_mem",
    value: "GREATEST({DBInstanceClassMemory/65536},65536)",
    unit: "kB",
    apply: "dynamic",
    why: "A sixty-fourth of the memory, 64 MB at least, for each of three autovacuum workers and each index build. The guide's 128 MB is that of 8 GB.",
    controls: [HARDENING],
    allowed: { min: 1024 },
  },
];
