import { startEachProgram } from "../support/shortcuts";
import { proveWholeStack } from "../support/whole-stack";

startEachProgram(); // as people's commands do; on the other version it is loaded once
proveWholeStack("17");
