import { z } from "zod";

export const notificationSettings = z
  .strictObject({
    /**
     * Addresses that alarms and RDS's events are mailed to; a channel of Slack or Teams has one, too. Each gets a mail from AWS
     * first, and hears nothing until somebody follows its link. At least one in prod. @default []
     */
    emails: z
      .array(z.email("is no address; write one such as database-alarms@example.com"))
      .refine((emails) => new Set(emails).size === emails.length, "names an address twice; name each once")
      .default([]),
  })
  .prefault({});
