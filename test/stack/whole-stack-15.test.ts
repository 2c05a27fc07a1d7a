import { proveWholeStack } from "../support/whole-stack";

proveWholeStack("15");
