import {
  AddClientIDToOpenIDConnectProviderCommand,
  CreateOpenIDConnectProviderCommand,
  GetOpenIDConnectProviderCommand,
  IAMClient,
} from "@aws-sdk/client-iam";
import { Account } from "../../model/aws/account";
import { unlessMissing } from "./errors";
import { Progress } from "./outcome";
import { tagList } from "./same";
import { AUDIENCE, ISSUER, providerArn } from "./trust";

/**
 * That AWS believes GitHub's tokens. An account has one provider for an issuer, so that others may use it, too: nothing of it is taken
 * away. Without thumbprints: AWS trusts GitHub's certificates by its own list of authorities, and passes those over (IAM, "Obtain the
 * thumbprint for an OpenID Connect identity provider").
 */
export async function ensureIdentityProvider(
  iam: IAMClient,
  progress: Progress,
  { account, tags }: { account: Account; tags: Record<string, string> },
): Promise<void> {
  const OpenIDConnectProviderArn = providerArn(account);
  await progress.on("identity provider", ISSUER, async (thing) => {
    const found = await unlessMissing(
      ["NoSuchEntityException"],
      iam.send(new GetOpenIDConnectProviderCommand({ OpenIDConnectProviderArn })),
    );
    if (!found) {
      const made = { Url: `https://${ISSUER}`, ClientIDList: [AUDIENCE], Tags: tagList(tags) };
      await thing.make(() => iam.send(new CreateOpenIDConnectProviderCommand(made)));
      return;
    }
    await thing.correct("audience", (found.ClientIDList ?? []).includes(AUDIENCE), () =>
      iam.send(new AddClientIDToOpenIDConnectProviderCommand({ OpenIDConnectProviderArn, ClientID: AUDIENCE })),
    );
  });
}
