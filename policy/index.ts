import { getStack } from "@pulumi/pulumi";
import { PolicyPack } from "@pulumi/policy";
import { servePolicies } from "./served";

new PolicyPack("markenmate", { policies: servePolicies(getStack()) });
