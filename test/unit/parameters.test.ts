import { describe, expect, it } from "vitest";
import { PARAMETERS, withOverrides } from "../../components/parameters";

describe("server parameters", () => {
  it("names each once, with a reason", () => {
    expect(new Set(PARAMETERS.map(({ name }) => name)).size).toBe(PARAMETERS.length);
    expect(PARAMETERS.filter(({ why }) => why.length < 20)).toEqual([]);
  });

  it("takes an environment's own value in place of the default", () => {
    const own = withOverrides({ lock_timeout: "9000" });
    expect(own.find(({ name }) => name === "lock_timeout")?.value).toBe("9000");
    expect(own.filter(({ value }, index) => value !== PARAMETERS[index]?.value)).toHaveLength(1);
  });
});
