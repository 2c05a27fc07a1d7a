import { describe, expect, it } from "vitest";
import { onlyApplication } from "../../model/access/applications";
import { ACCESS } from "../../model/access/matrix";
import { computeAuditSettings } from "../../model/access/audit";

describe("what pgaudit logs of each login", () => {
  const inFull = (settings: ReturnType<typeof computeAuditSettings>) =>
    settings.filter(({ value }) => value === "all").map(({ login }) => login);

  it("is everything for people, backups and the master, with both logins of a role", () => {
    const settings = computeAuditSettings(onlyApplication("shop", ["public"]), "chief", true);
    expect(inFull(settings)).toEqual([
      "shop_readonly",
      "shop_readonly_clone",
      "shop_backup",
      "shop_backup_clone",
      "chief",
    ]);
    expect(settings).toHaveLength(11);
  });

  it("follows access.ts", () => {
    const matrix = structuredClone(ACCESS);
    matrix.app.audit = "everything";
    matrix.readonly.audit = "changes";
    const logins = inFull(computeAuditSettings(onlyApplication("shop", ["public"]), "chief", true, matrix));
    expect(logins).toEqual(["shop_app", "shop_app_clone", "shop_backup", "shop_backup_clone", "chief"]);
  });

  it("is nothing of their own without pgaudit", () => {
    expect(inFull(computeAuditSettings(onlyApplication("shop", ["public"]), "chief", false))).toEqual([]);
  });
});
