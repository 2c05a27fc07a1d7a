import { isEmpty } from "../protocol/values";
import { Values } from "../protocol/model";
import { tagList, tagMap } from "./ec2-tags";

/** Names that S3 writes otherwise than with one capital letter. */
const WIRE_NAMES: Record<string, string> = {
  id: "ID",
  kmsMasterKeyId: "KMSMasterKeyID",
  mfaDelete: "MFADelete",
  replicaKmsKeyId: "ReplicaKmsKeyID",
  sseAlgorithm: "SSEAlgorithm",
};
const NAMES = Object.fromEntries(Object.entries(WIRE_NAMES).map(([name, wire]) => [wire, name]));

const capital = (name: string) => `${name[0]?.toUpperCase()}${name.slice(1)}`;
const small = (name: string) => `${name[0]?.toLowerCase()}${name.slice(1)}`;

function isPlain(value: unknown): value is Values {
  return typeof value === "object" && value !== null && !Array.isArray(value) && !(value instanceof Date);
}

/** Nested arguments as the S3 API takes them: capital letters, dates, tags as a list. */
export function toWire(value: unknown, name = ""): unknown {
  if (name === "tags" && isPlain(value)) {
    return tagList(value);
  }
  if (name === "date" && typeof value === "string") {
    return new Date(value);
  }
  if (Array.isArray(value)) {
    return value.map((item) => toWire(item));
  }
  return isPlain(value)
    ? Object.fromEntries(
        Object.entries(value).map(([key, item]) => [WIRE_NAMES[key] ?? capital(key), toWire(item, key)]),
      )
    : value;
}

/** "More than nothing" is every object: the emulator says so where no size was given. */
const saysNothing = (key: string, item: unknown) =>
  item === undefined || (key === "ObjectSizeGreaterThan" && item === 0);

/** The other way. Fields that S3 leaves out are left out. */
export function fromWire(value: unknown, name = ""): unknown {
  if (name === "Tags" && Array.isArray(value)) {
    return tagMap(value as { Key: string; Value: string }[]);
  }
  if (value instanceof Date) {
    return value.toISOString().replace(".000Z", "Z");
  }
  if (Array.isArray(value)) {
    return value.map((item) => fromWire(item));
  }
  return isPlain(value)
    ? Object.fromEntries(
        Object.entries(value)
          .filter(([key, item]) => !saysNothing(key, item))
          .map(([key, item]) => [NAMES[key] ?? small(key), fromWire(item, key)]),
      )
    : value;
}

/** What is left when empty fields, which for Terraform are none, are taken away at all depths. */
function essence(value: unknown): unknown {
  if (Array.isArray(value)) {
    return value.map(essence);
  }
  if (!isPlain(value)) {
    return value;
  }
  const kept = Object.entries(value).map(([key, item]): [string, unknown] => [key, essence(item)]);
  return Object.fromEntries(kept.filter(([, item]) => !isEmpty(item)).sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** Whether two nested arguments are the same but for empty fields. */
export function sameBlocks(before: unknown, after: unknown): boolean {
  return JSON.stringify(essence(before)) === JSON.stringify(essence(after));
}
