import { once } from "node:events";
import { chmod, mkdir, readFile, writeFile } from "node:fs/promises";
import { createServer, IncomingMessage, Server, ServerResponse } from "node:http";
import { AddressInfo } from "node:net";
import path from "node:path";
import { run } from "../../lib/process";

/** What the site says to each path; to others it answers 404. */
export type Answers = Record<string, (request: IncomingMessage, response: ServerResponse) => void>;

/** Pulumi's installer in short: the same arguments, the same programs, the same places. */
const installer = (site: string) => `#!/bin/sh
set -e
[ -z "$AWS_SECRET_ACCESS_KEY" ] || { echo "tar: the installer was given a secret" >&2; exit 1; }
while [ $# -gt 0 ]; do
  case "$1" in
    --version) VERSION=$2 ;;
    --install-root) INSTALL_ROOT=$2 ;;
  esac
  shift
done
echo "=== Installing Pulumi v$VERSION ==="
ARCHIVE=$(mktemp -t pulumi.tar.gz.XXXXXXXXXX)
curl --fail -L -o "$ARCHIVE" "${site}/pulumi-v$VERSION.tar.gz"
EXTRACT_DIR=$(mktemp -dt pulumi.XXXXXXXXXX)
tar zxf "$ARCHIVE" -C "$EXTRACT_DIR"
mkdir -p "$INSTALL_ROOT/bin"
cp -r "$EXTRACT_DIR/pulumi/." "$INSTALL_ROOT/bin/"
touch "$HOME/.bashrc"
echo "=== Pulumi is now installed! ==="
`;

/** An archive as Pulumi's: the CLI, which says that it is `version`, and the language host beside it. */
export async function pulumiArchive(dir: string, version: string): Promise<Buffer> {
  const folder = path.join(dir, "archive");
  await mkdir(path.join(folder, "pulumi"), { recursive: true });
  for (const program of ["pulumi", "pulumi-language-nodejs"]) {
    const file = path.join(folder, "pulumi", program);
    await writeFile(file, `#!/bin/sh\necho v${version}\n`);
    await chmod(file, 0o755);
  }
  await run("tar", ["czf", "pulumi.tar.gz", "pulumi"], { cwd: folder });
  return readFile(path.join(folder, "pulumi.tar.gz"));
}

/** A server on loopback in the place of Pulumi's download, with an installer if `answers` have none. */
export class PulumiDownload {
  readonly asked: string[] = [];
  private readonly server: Server;

  private constructor(private readonly answers: Answers) {
    this.server = createServer((request, response) => {
      const { pathname } = new URL(request.url ?? "", "http://localhost");
      this.asked.push(pathname);
      const answer = this.answers[pathname];
      if (answer) {
        answer(request, response);
      } else {
        response.writeHead(404).end();
      }
    });
  }

  static async start(answers: Answers): Promise<PulumiDownload> {
    const download = new PulumiDownload(answers);
    download.server.listen(0, "127.0.0.1");
    await once(download.server, "listening");
    download.answers["/install.sh"] ??= (_, response) => response.end(installer(download.url));
    return download;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /** Resolves when nobody is connected any more. */
  async close(): Promise<void> {
    await new Promise((resolve) => this.server.close(resolve));
  }
}

/** Writes a module into `dir` that leads requests to Pulumi's site to `url`. Returns the `NODE_OPTIONS` that load it. */
export async function redirect(dir: string, url: string): Promise<string> {
  const file = path.join(dir, "redirect.cjs");
  await writeFile(
    file,
    `const { fetch } = globalThis;
globalThis.fetch = (address, init) => fetch(address.replace("https://get.pulumi.com", "${url}"), init);
`,
  );
  return `--require ${file}`;
}
