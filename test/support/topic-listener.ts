import { createServer } from "node:http";
import { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { ConfirmSubscriptionCommand, SNSClient, SubscribeCommand } from "@aws-sdk/client-sns";

export interface TopicListener {
  /** What came through the topic, oldest first. */
  told: string[];
  close(): void;
}

/** Subscribes to a topic as somebody does who is told, and confirms it: until then SNS sends nothing else. */
export async function listenTo(TopicArn: string): Promise<TopicListener> {
  const sns = new SNSClient({});
  const told: string[] = [];
  let confirm: (token?: string) => void;
  const asked = new Promise<string | undefined>((resolve) => (confirm = resolve));
  const server = createServer((request, response) => {
    void text(request).then((body) => {
      const { Type, Token, Message } = JSON.parse(body) as Record<string, string>;
      response.end();
      if (Type === "SubscriptionConfirmation") {
        confirm(Token);
      } else {
        told.push(Message as string);
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const Endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  await sns.send(new SubscribeCommand({ TopicArn, Protocol: "http", Endpoint }));
  await sns.send(new ConfirmSubscriptionCommand({ TopicArn, Token: await asked }));
  return { told, close: () => server.close() };
}
