import { describe, expect, it } from "vitest";
import {
  NEVER_ROTATED,
  Rotation,
  describeRotations,
  findRotationProblems,
  Rotations,
  slotsOf,
} from "../../model/access/rotation";
import { parseSettings } from "../../model/settings";
import { mistakes } from "../support/mistakes";

const at = (generation: number, revokePrevious = false): Rotation => ({ generation, revokePrevious });
const app = (rotation: Rotation): Rotations => ({ ...NEVER_ROTATED, app: rotation });
const turn = (rotation: Rotation) => {
  const { active, idle, revoked } = slotsOf("shop", "app", rotation);
  const of = ({ login, generation, canLogin }: typeof active) => `${login} ${generation ?? "-"} ${canLogin}`;
  return [of(active), of(idle), revoked];
};

describe("the two logins of a role", () => {
  it.each([
    [at(0), ["shop_app 0 true", "shop_app_clone - false", false]],
    [at(1), ["shop_app_clone 1 true", "shop_app 0 true", false]],
    [at(2), ["shop_app 2 true", "shop_app_clone 1 true", false]],
    [at(3), ["shop_app_clone 3 true", "shop_app 2 true", false]],
    [at(3, true), ["shop_app_clone 3 true", "shop_app 2 false", true]],
    [at(0, true), ["shop_app 0 true", "shop_app_clone - false", false]],
  ])("take turns: %j", (rotation, expected) => {
    expect(turn(rotation)).toEqual(expected);
  });

  it("never change the password that is in use: only the idle one's generation moves", () => {
    for (let generation = 0; generation < 20; generation++) {
      const [before, after] = [slotsOf("shop", "app", at(generation)), slotsOf("shop", "app", at(generation + 1))];
      expect(after.idle).toMatchObject({ login: before.active.login, generation: before.active.generation });
      expect(after.active).toMatchObject({ login: before.idle.login, generation: generation + 1 });
    }
  });

  it("keep their logical names", () => {
    expect(slotsOf("shop", "app", at(4)).active.name).toBe("app");
    expect(slotsOf("shop", "app", at(4)).idle.name).toBe("app-clone");
  });
});

describe("from one generation to another", () => {
  it.each<[string, Partial<Rotations>, Rotations, string[]]>([
    ["staying", app(at(3)), app(at(3)), []],
    ["one further", app(at(3)), app(at(4)), []],
    [
      "two further",
      app(at(3)),
      app(at(5)),
      [
        "roles.app.generation: 5 (with roles.all) skips 4, and would change the password that is in use now; raise it by one, update, and raise it again",
      ],
    ],
    [
      "back",
      app(at(3)),
      app(at(2)),
      [
        "roles.app.generation: 2 (with roles.all) is behind the 3 that is deployed, and no password comes back; set it so that both make 3 or 4",
      ],
    ],
    [
      "what a role begins with that is new",
      { ...app(at(3)), monitor: undefined },
      { ...app(at(3)), monitor: at(2) },
      [],
    ],
  ])("%s", (_, before, after, problems) => {
    expect(findRotationProblems(before, after)).toEqual(problems);
  });
});

describe("what a preview says", () => {
  it.each<[string, Rotations | undefined, Rotations, string[]]>([
    ["nothing of a new stack", undefined, app(at(3, true)), []],
    ["nothing of what stays", app(at(3, true)), app(at(3, true)), []],
    [
      "who gets the password",
      app(at(0)),
      app(at(1)),
      [
        "app: password generation 1 is set on the login shop_app_clone, then the secret points to it; shop_app keeps its password until generation 2",
      ],
    ],
    [
      "who is shut out",
      app(at(1)),
      app(at(2, true)),
      [
        "app: password generation 2 is set on the login shop_app, then the secret points to it",
        "app: the login shop_app_clone is shut out and its sessions end, once the secret points elsewhere",
      ],
    ],
    [
      "who is shut out later",
      app(at(2)),
      app(at(2, true)),
      ["app: the login shop_app_clone is shut out and its sessions end, once the secret points elsewhere"],
    ],
    ["nothing of one who may come back", app(at(2, true)), app(at(2)), []],
  ])("%s", (_, before, after, news) => {
    expect(describeRotations("shop", before, after)).toEqual(news);
  });
});

describe("the settings", () => {
  it("add what is for all to each role's own", () => {
    const roles = { all: { generation: 2 }, app: { generation: 1, revokePrevious: true } };
    expect(parseSettings("dev", { roles }).roles).toEqual({
      app: at(3, true),
      readonly: at(2),
      migrate: at(2),
      backup: at(2),
      monitor: at(2),
    });
  });

  it.each([
    [
      { app: { generation: -1 } },
      "roles.app.generation: -1 is no generation; the first is 0, and each rotation adds 1",
    ],
    [{ app: { generation: 1.5 } }, "roles.app.generation: 1.5 must be a whole number"],
    [{ ap: { generation: 1 } }, "roles.ap: is not a known key; did you mean roles.app?"],
    [{ app: { revoke: true } }, "roles.app.revoke: is not a known key; known here: generation, revokePrevious"],
  ])("%j", (roles, message) => {
    expect(mistakes({ roles })).toEqual([message]);
  });
});
