import { z } from "zod";

export const notificationSettings = z
  .strictObject({
    /**
     * The addresses that alarms and RDS's events are mailed to; a channel of Slack or Teams has one, too. Each gets a mail from AWS
     * first, and nothing else until somebody follows the link in it. Prod needs at least one. @default []
     */
    emails: z
      .array(z.email("is no address; write one such as database-alarms@example.com"))
      .refine((emails) => new Set(emails).size === emails.length, "names an address twice; name each once")
      .default([]),
  })
  .prefault({});
