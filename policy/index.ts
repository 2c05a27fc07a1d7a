import { getStack } from "@pulumi/pulumi";
import { PolicyPack } from "@pulumi/policy";
import { served } from "./served";

new PolicyPack("markenmate", { policies: served(getStack()) });
