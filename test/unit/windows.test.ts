import { describe, expect, it } from "vitest";
import { overlap, parseBackupWindow, parseMaintenanceWindow } from "../../model/settings/windows";

const overlaps = (backup: string, maintenance: string) => {
  const [daily, weekly] = [parseBackupWindow(backup), parseMaintenanceWindow(maintenance)];
  return daily && weekly ? overlap(daily, weekly) : undefined;
};

describe("the daily backup and the weekly maintenance", () => {
  it.each([
    ["01:00-02:00", "sun:03:00-sun:04:00", false],
    ["01:00-02:00", "sun:02:00-sun:03:00", false], // one begins as the other ends
    ["01:00-02:01", "sun:02:00-sun:03:00", true],
    ["03:00-04:00", "sun:02:00-sun:03:00", false],
    ["23:30-00:30", "mon:00:00-mon:01:00", true], // past midnight, from the week before
    ["23:30-00:30", "sun:23:45-mon:00:15", true], // past the week's end
    ["00:10-00:40", "sun:23:45-mon:00:15", true],
    ["00:20-00:50", "sun:23:45-mon:00:15", false],
    ["05:00-06:00", "tue:00:00-thu:00:00", true], // longer than a day
  ])("%s and %s: %s", (backup, maintenance, expected) => {
    expect(overlaps(backup, maintenance)).toBe(expected);
  });

  it.each(["24:00-01:00", "1:00-2:00", "01:00", "01:60-02:00"])("%s is no backup window", (text) => {
    expect(parseBackupWindow(text)).toBeUndefined();
  });
  it.each(["sun:24:00-sun:01:00", "Sun:01:00-Sun:02:00", "01:00-02:00", "so:01:00-so:02:00"])(
    "%s is no maintenance window",
    (text) => {
      expect(parseMaintenanceWindow(text)).toBeUndefined();
    },
  );
});
