import { proveAdoption } from "../support/proven-adoption";

proveAdoption("15");
