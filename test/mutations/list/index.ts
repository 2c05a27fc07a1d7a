import { Mistake } from "../mistake";
import { ACCESS } from "./access";
import { BACKUPS } from "./backups";
import { DOCUMENTS } from "./documents";
import { INFRASTRUCTURE } from "./infrastructure";
import { LIVE_CHECK } from "./live-check";
import { OBSERVABILITY } from "./observability";
import { OPERATIONS } from "./operations";
import { PIPELINES } from "./pipelines";
import { POLICY_PACK } from "./policy-pack";
import { SETTINGS } from "./settings";

export const MISTAKES: Mistake[] = [
  ...ACCESS,
  ...DOCUMENTS,
  ...INFRASTRUCTURE,
  ...OBSERVABILITY,
  ...SETTINGS,
  ...BACKUPS,
  ...LIVE_CHECK,
  ...OPERATIONS,
  ...POLICY_PACK,
  ...PIPELINES,
];
