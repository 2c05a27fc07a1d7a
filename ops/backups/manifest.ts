import { z } from "zod";

/** What was in a database at one moment: what a restored one must equal. */
export const contentsSchema = z.strictObject({
  /** Rows, and a checksum that their order does not matter for. */
  tables: z.array(z.strictObject({ name: z.string(), rows: z.string(), checksum: z.string() })),
  /** Where each sequence stood. A sequence goes on while a snapshot stands still: hence before the dump and after it. */
  sequences: z.array(z.strictObject({ name: z.string(), before: z.string(), after: z.string() })),
  extensions: z.array(z.strictObject({ name: z.string(), version: z.string() })),
  /** Everything that has an owner, rights, a comment or a definition. */
  objects: z.array(
    z.strictObject({
      kind: z.string(),
      name: z.string(),
      owner: z.string().nullable(),
      grants: z.array(z.string()),
      comment: z.string().nullable(),
      /** Digest of the definition. */
      definition: z.string().nullable(),
    }),
  ),
});

export type Contents = z.output<typeof contentsSchema>;
export type DatabaseObject = Contents["objects"][number];

export const roleSchema = z.strictObject({
  name: z.string(),
  attributes: z.array(z.string()),
  memberOf: z.array(z.string()),
});

export type ServerRole = z.output<typeof roleSchema>;

/** What is written beside a dump, encrypted like it: checksums of small tables would tell what is in them. */
export const manifestSchema = z.strictObject({
  format: z.literal(1),
  stack: z.string(),
  takenAt: z.string(),
  /** The role that saw every row. */
  dumpedBy: z.string(),
  finishedAt: z.string(),
  server: z.strictObject({ version: z.string(), majorVersion: z.int() }),
  database: z.strictObject({
    name: z.string(),
    encoding: z.string(),
    collate: z.string(),
    ctype: z.string(),
    grants: z.array(z.string()),
  }),
  /** What lies in the bucket, and what it was encrypted as. */
  dump: z.strictObject({
    size: z.int(),
    sha256: z.string(),
    encryptionContext: z.record(z.string(), z.string()),
  }),
  roles: z.array(roleSchema),
  contents: contentsSchema,
});

export type Manifest = z.output<typeof manifestSchema>;
