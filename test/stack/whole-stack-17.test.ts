import { startEachProgram } from "../support/shortcuts";
import { proveWholeStack } from "../support/whole-stack";

startEachProgram(); // as people's commands do, to come up; from then on, and on the other version, it is loaded once
proveWholeStack("17", { fromNothing: true });
