import { Config } from "@pulumi/pulumi";
import { run } from "./cases";
import { chosen } from "./chosen";

/** The program that PolicyEngine runs: the cases that its configuration names, each with what it returns as one output. */
export = () => {
  const config = new Config();
  const cases = chosen(config.require("kind"), config.get("policies")?.split(","));
  return Object.fromEntries(cases.map(({ id, program }) => [id, run(id, program)]));
};
