import { Config } from "@pulumi/pulumi";
import type { PolicyName } from "../../../policy/levels";
import { CASES } from "./cases";

/** The program that PolicyEngine runs: the case that its configuration names. */
const [policy, name] = new Config().require("case").split("/") as [PolicyName, string | undefined];
const { passes, violates } = CASES[policy];

export = () => (name ? violates[name]?.() : passes());
