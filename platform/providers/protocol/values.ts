import { isDeepStrictEqual } from "node:util";
import { Struct } from "google-protobuf/google/protobuf/struct_pb";
import { Property, UNKNOWN, Values } from "./model";

/**
 * Values as they cross the wire. Signatures and sentinel are those of the engine: sdk/go/common/resource/sig and
 * sdk/go/common/resource/plugin/rpc.go.
 */
const SIGNATURE = "4dabf18193072939515e22adb298388d";
const SECRET = "1b47061264138c4ac30d75fd1eb44270";
const UNKNOWN_SENTINEL = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

/** Values with the names of those properties that hold a secret at any depth. */
export interface Received {
  values: Values;
  secrets: Set<string>;
}

function isObject(value: unknown): value is Values {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function unwrap(value: unknown, foundSecret: () => void): unknown {
  if (value === UNKNOWN_SENTINEL) {
    return UNKNOWN;
  }
  if (Array.isArray(value)) {
    return value.map((item) => unwrap(item, foundSecret));
  }
  if (!isObject(value)) {
    return value;
  }
  if (value[SIGNATURE] === SECRET) {
    foundSecret();
    return unwrap(value.value, foundSecret);
  }
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, unwrap(item, foundSecret)]));
}

/** Takes the wrapping off, and remembers which properties were secret, so that what goes back is secret again. */
export function receive(struct: Struct | undefined): Received {
  const secrets = new Set<string>();
  const values: Values = {};
  for (const [name, value] of Object.entries(struct?.toJavaScript() ?? {})) {
    const plain = unwrap(value, () => secrets.add(name));
    if (plain !== null && plain !== undefined) {
      values[name] = plain;
    }
  }
  return { values, secrets };
}

function wrap(value: unknown): unknown {
  if (value === UNKNOWN) {
    return UNKNOWN_SENTINEL;
  }
  if (Array.isArray(value)) {
    return value.map(wrap);
  }
  if (!isObject(value)) {
    return value;
  }
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, item]) => item !== undefined)
      .map(([key, item]) => [key, wrap(item)]),
  );
}

/** Puts the wrapping on again. */
export function send(values: Values, secrets: Set<string>): Struct {
  const wire: Values = {};
  for (const [name, value] of Object.entries(values)) {
    if (value !== undefined && value !== null) {
      wire[name] = secrets.has(name) ? { [SIGNATURE]: SECRET, value: wrap(value) } : wrap(value);
    }
  }
  return Struct.fromJavaScript(wire);
}

/**
 * A provider's configuration: everything but strings arrives as JSON inside a string, in which secrets are wrapped once
 * more.
 */
export function receiveConfig(struct: Struct | undefined, properties: Record<string, Property>): Received {
  const received = receive(struct);
  for (const [name, value] of Object.entries(received.values)) {
    if (typeof value === "string" && /^[[{]/.test(value) && !properties[name]?.secret) {
      received.values[name] = unwrap(JSON.parse(value), () => received.secrets.add(name));
    }
  }
  return received;
}

/** Whether something in the value cannot be known before the update. */
export function hasUnknown(value: unknown): boolean {
  if (value === UNKNOWN) {
    return true;
  }
  return Array.isArray(value) ? value.some(hasUnknown) : isObject(value) && Object.values(value).some(hasUnknown);
}

/** For Terraform an empty string, list or map is the same as none. */
export function isEmpty(value: unknown): boolean {
  if (value === undefined || value === null || value === "" || value === false) {
    return true;
  }
  return Array.isArray(value) ? value.length === 0 : isObject(value) && Object.keys(value).length === 0;
}

function canonical(value: unknown): unknown {
  if (Array.isArray(value)) {
    return value.map(canonical);
  }
  if (!isObject(value)) {
    return value;
  }
  const entries = Object.entries(value).filter(([, item]) => item !== undefined && item !== null);
  return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, item]) => [key, canonical(item)]));
}

function asSet(value: unknown): unknown {
  return Array.isArray(value) ? value.map((item) => JSON.stringify(canonical(item))).sort() : value;
}

function asJson(value: unknown): unknown {
  try {
    return typeof value === "string" ? JSON.parse(value) : value;
  } catch {
    return value;
  }
}

/** Whether two values of a property mean the same. An unknown equals nothing: it may become anything. */
export function means(property: Property, before: unknown, after: unknown): boolean {
  if (hasUnknown(before) || hasUnknown(after)) {
    return false;
  }
  if (isEmpty(before) && isEmpty(after)) {
    return true;
  }
  if (property.same?.(before, after)) {
    return true;
  }
  const prepare = property.set ? asSet : property.json ? asJson : canonical;
  return isDeepStrictEqual(prepare(before), prepare(after));
}
