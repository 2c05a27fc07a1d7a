import { describe, expect, it } from "vitest";
import { check, refreshedInputs } from "../../platform/providers/protocol/check";
import { diff, plannedState } from "../../platform/providers/protocol/diff";
import { ResourceModel, UNKNOWN } from "../../platform/providers/protocol/model";
import { means, receive, receiveConfig, send } from "../../platform/providers/protocol/values";
import { ToyService } from "../support/toy-provider";

const model = new ToyService().provider().resources["toy:index:Thing"] as ResourceModel<never>;
const seed = new Uint8Array([1, 2, 3]);

describe("values on the wire", () => {
  it("keeps what was secret secret, and unknowns unknown, at any depth", () => {
    const wire = send({ list: [{ a: UNKNOWN }], plain: 1, hidden: { deep: "x" } }, new Set(["hidden"]));
    const { values, secrets } = receive(wire);
    expect(values).toEqual({ list: [{ a: UNKNOWN }], plain: 1, hidden: { deep: "x" } });
    expect([...secrets]).toEqual(["hidden"]);
    expect(JSON.stringify(wire.toJavaScript().plain)).toBe("1");
  });

  it("reads configuration that arrives as JSON in strings, but no secret that only looks like it", () => {
    const wire = send({ nested: '{"a":[1]}', token: "{not json" }, new Set(["token"]));
    expect(receiveConfig(wire, { token: { secret: true } }).values).toEqual({ nested: { a: [1] }, token: "{not json" });
  });
});

describe("meaning", () => {
  it.each([
    [{}, "", undefined, true],
    [{}, [], undefined, true],
    [{}, ["a", "b"], ["b", "a"], false],
    [{ set: true }, ["a", "b"], ["b", "a"], true],
    [{ set: true }, [{ a: 1, b: 2 }], [{ b: 2, a: 1 }], true],
    [{ json: true }, '{"a":1}', '{ "a": 1 }', true],
    [{ json: true }, '{"a":1}', "not json", false],
    [{}, UNKNOWN, UNKNOWN, false],
    [{ same: (a: unknown, b: unknown) => String(a).toLowerCase() === String(b).toLowerCase() }, "A", "a", true],
  ])("%j: %j and %j: %s", (property, before, after, equal) => {
    expect(means(property, before, after)).toBe(equal);
  });
});

describe("diff", () => {
  const change = (oldInputs: object, inputs: object) => diff(model, { state: oldInputs, oldInputs, inputs });

  it("shows an unknown that would replace as a replacement", () => {
    expect(change({ label: "a" }, { label: UNKNOWN }).replaces).toEqual(["label"]);
  });

  it("deletes first when a chosen name stays", () => {
    expect(change({ label: "a", __defaults: [] }, { label: "a", __defaults: [] }).deleteBeforeReplace).toBe(true);
    expect(
      change({ label: "a", __defaults: ["label"] }, { label: "a", __defaults: ["label"] }).deleteBeforeReplace,
    ).toBe(false);
  });
});

describe("planned state", () => {
  const before = { label: "a", size: 8080, note: "old", serial: 3, stamp: "s" };
  const planned = (inputs: object, oldInputs: object) =>
    plannedState(model, before, inputs, diff(model, { state: before, oldInputs, inputs }).changes);

  it("has what changes, and for the rest what the service has, though the program asked for something else", () => {
    expect(planned({ label: "a", size: 80, note: "new" }, { label: "a", size: 80, note: "old" })).toMatchObject({
      size: 8080,
      note: "new",
      serial: 3,
      stamp: UNKNOWN,
    });
  });

  it("has nothing where the program takes a property back", () => {
    expect(planned({ label: "a" }, { label: "a", note: "old" }).note).toBeUndefined();
  });
});

describe("check", () => {
  it("keeps the automatic name it once gave", () => {
    const first = check(model, { name: "thing", olds: {}, news: { color: "red" }, randomSeed: seed }).inputs;
    const later = check(model, { name: "thing", olds: first, news: { color: "red" }, randomSeed: new Uint8Array([9]) });
    expect(first.label).toMatch(/^thing-[0-9a-f]{7}$/);
    expect(later.inputs.label).toBe(first.label);
  });

  it("makes no name where the program sets what takes its place, and does not take that for a name that stays", () => {
    const autoName = { property: "label", unless: "note" };
    const prefixed = { ...model, autoName };
    const { inputs } = check(prefixed, { name: "thing", olds: {}, news: { note: "prefix-" }, randomSeed: seed });
    expect(inputs.label).toBeUndefined();
    const moved = { state: { label: "prefix-1" }, oldInputs: inputs, inputs: { ...inputs, zone: "b" } };
    expect(diff(prefixed, moved).deleteBeforeReplace).toBe(false);
  });

  it("takes a JSON document as an object too", () => {
    const given = (policy: unknown) =>
      check(model, { name: "t", olds: {}, news: { policy }, randomSeed: seed }).inputs.policy as unknown;
    expect(given({ Version: "1", Statement: [] })).toBe('{"Version":"1","Statement":[]}');
    expect(given({ Statement: [{ Resource: UNKNOWN }] })).toBe(UNKNOWN);
    expect(given('{ "a": 1 }')).toBe('{ "a": 1 }');
  });

  it("does not judge what is not known yet", () => {
    expect(check(model, { name: "t", olds: {}, news: { color: UNKNOWN }, randomSeed: seed }).failures).toEqual([]);
  });
});

describe("refreshed inputs", () => {
  it("keep the program's spelling where it means what is there", () => {
    expect(refreshedInputs(model, { policy: '{ "a": 1 }' }, { policy: '{"a":1}' }, means).policy).toBe('{ "a": 1 }');
  });

  it("take in what an import finds, outputs excepted", () => {
    expect(refreshedInputs(model, {}, { color: "red", zone: "a", serial: 4 }, means)).toEqual({
      __defaults: [],
      color: "red",
      zone: "a",
    });
  });
});
