import { Control, Controls, List } from "./control";
import { CIS_ACCESS_CONTROLS, CIS_LOGGING_CONTROLS } from "./cis";
import { Evidence, problemsOf } from "./proof/evidence";
import { FSBP_ACCOUNT_CONTROLS, FSBP_NETWORK_CONTROLS } from "./fsbp-account";
import { FSBP_KEY_CONTROLS, FSBP_S3_CONTROLS } from "./fsbp-data";
import { FSBP_RDS_CONTROLS } from "./fsbp-rds";
import { AUTOMATED_CHECK_CONTROLS, METRIC_CONTROLS, SUPERUSER_CONTROLS } from "./guide-checks";
import { AUTOMATED_CHECKS, BACKUP_ACCESS, METRICS, NETWORK, NEXT_STEPS, SUPERUSER } from "./guide-lists";
import { BACKUP_ACCESS_CONTROLS, NETWORK_CONTROLS } from "./guide-network";
import { NEXT_STEP_CONTROLS } from "./guide-next";
import * as lists from "./lists";
import { Asked } from "./lists";
import { GDPR_CONTROLS, OWASP_CONTROLS } from "./owasp-gdpr";
import { PERSONAL_DATA } from "./personal-data";
import { POLICY_CONTROLS } from "./policy-controls";

const withPolicies = (id: string, control: Control): Control => ({
  ...control,
  policies: Object.entries(POLICY_CONTROLS)
    .filter(([, served]) => served.includes(id))
    .map(([name]) => name),
});

function list(asked: Asked, controls: Controls): List {
  return {
    ...asked,
    controls: Object.fromEntries(Object.entries(controls).map(([id, control]) => [id, withPolicies(id, control)])),
  };
}

/** Every public list, with how each of its controls is met. */
export const LISTS: List[] = [
  list(lists.FSBP_RDS, FSBP_RDS_CONTROLS),
  list(lists.FSBP_S3, FSBP_S3_CONTROLS),
  list(lists.FSBP_KEYS, FSBP_KEY_CONTROLS),
  list(lists.FSBP_NETWORK, FSBP_NETWORK_CONTROLS),
  list(lists.FSBP_ACCOUNT, FSBP_ACCOUNT_CONTROLS),
  list(lists.CIS_LOGGING, CIS_LOGGING_CONTROLS),
  list(lists.CIS_ACCESS, CIS_ACCESS_CONTROLS),
  list(lists.OWASP, OWASP_CONTROLS),
  list(lists.GDPR, GDPR_CONTROLS),
  list(NETWORK, NETWORK_CONTROLS),
  list(BACKUP_ACCESS, BACKUP_ACCESS_CONTROLS),
  list(METRICS, METRIC_CONTROLS),
  list(SUPERUSER, SUPERUSER_CONTROLS),
  list(AUTOMATED_CHECKS, AUTOMATED_CHECK_CONTROLS),
  list(NEXT_STEPS, NEXT_STEP_CONTROLS),
];

/** Fails, with everything that the map and docs/personal-data.md say and is not so. */
export function prove(evidence: Evidence, all: List[] = [...LISTS, PERSONAL_DATA]): void {
  const served = Object.values(POLICY_CONTROLS).flat();
  const ids = all.flatMap(({ asks }) => Object.keys(asks));
  const problems = [
    ...ids.filter((id, index) => ids.indexOf(id) !== index).map((id) => `${id}: is on two lists`),
    ...all.flatMap((one) => problemsOf(one, evidence)),
    ...served.filter((id) => !ids.includes(id)).map((id) => `${id}: a policy serves it, and it is on no list`),
  ];
  if (problems.length > 0) {
    throw new Error(`compliance/ says what is not so:\n  ${problems.join("\n  ")}`);
  }
}
