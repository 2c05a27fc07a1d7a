import { proveWholeStack } from "../support/whole-stack";

proveWholeStack("17");
